import {TfmotError} from '../errors.ts';
import type {Graph, Port} from './graph.ts';
import type {Op} from './ops/index.ts';
import {SHAPE_RULES} from './ops/index.ts';
import type {Attributes, ShapeRule} from './ops/op.ts';
import type {Shape, Tensor, TensorId} from './tensor.ts';
import {sizeOf} from './tensor.ts';

/** A graph in the making. */
export interface Builder {
  /** Adds an input of the model. */
  input(name: string, shape: Shape): TensorId;
  /**
   * Adds an op and its output tensors, shapes from the op's rule.
   *
   * @throws TfmotError `invalid-topology` when the shapes do not fit.
   */
  emit(layer: string, attributes: Attributes<Op>, inputs: readonly TensorId[]): TensorId[];
  tensor(id: TensorId): Tensor;
  finish(inputs: readonly Port[], outputs: readonly Port[]): Graph;
}

/** Most elements a tensor may have for each example: 1 GiB of them. */
const MAX_ELEMENTS = 2 ** 28;

/** An empty graph to add to. */
export function createBuilder(): Builder {
  const tensors: Tensor[] = [];
  const ops: Op[] = [];
  const constants = new Set<TensorId>();
  const add = (tensor: Tensor): TensorId => {
    if (!tensor.shape.every(size => Number.isSafeInteger(size) && size >= 1))
      throw invalid(tensor.name, `its output would be [${tensor.shape}]: the input is too small for it`);
    if (sizeOf(tensor.shape) * tensor.instances > MAX_ELEMENTS)
      throw invalid(tensor.name, `its output [${tensor.shape}] has more than ${MAX_ELEMENTS} elements`);
    return tensors.push(tensor) - 1;
  };
  return {
    input: (name, shape) => add({name, shape, dtype: 'float32', instances: 1}),
    tensor: id => tensors[id]!,
    emit: (layer, attributes, inputs) => {
      const given = inputs.map(id => tensors[id]!);
      // A constant fits any number of time steps.
      const counted = inputs.filter(id => !constants.has(id)).map(id => tensors[id]!.instances);
      const instances = counted[0] ?? 1;
      if (counted.some(other => other !== instances)) throw invalid(layer, 'its inputs differ in their time steps');
      const shapes = shapesOf(layer, attributes, given, instances);
      const outputs = shapes.map(shape =>
        add({
          name: layer,
          shape,
          dtype: 'float32',
          instances: attributes.type === 'reshape' ? attributes.instances : instances,
        }),
      );
      ops.push({...attributes, layer, inputs, outputs} as Op);
      if (attributes.type === 'constant') constants.add(outputs[0]!);
      return outputs;
    },
    finish: (inputs, outputs) => ({inputs, outputs, tensors, ops}),
  };
}

function shapesOf(
  layer: string,
  attributes: Attributes<Op>,
  inputs: readonly Tensor[],
  instances: number,
): readonly Shape[] {
  let shapes: readonly Shape[];
  try {
    const rule = SHAPE_RULES[attributes.type] as ShapeRule<Op>;
    shapes = rule(
      attributes,
      inputs.map(input => input.shape),
    );
  } catch (error) {
    const given = inputs.map(input => `[${input.shape}]`).join(', ');
    throw invalid(layer, `${(error as Error).message}; it was given ${given}`);
  }
  if (attributes.type === 'reshape') {
    const elements = sizeOf(inputs[0]!.shape) * instances;
    if (sizeOf(attributes.shape) * attributes.instances !== elements)
      throw invalid(layer, `[${inputs[0]!.shape}] cannot be reshaped to [${attributes.shape}]`);
  }
  return shapes;
}

function invalid(layer: string, what: string): TfmotError {
  return new TfmotError('invalid-topology', `Layer '${layer}' does not fit its input: ${what}.`);
}

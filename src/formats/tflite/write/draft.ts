import type {Graph} from '../../../graph/graph.ts';
import type {Op, OpOf} from '../../../graph/ops/index.ts';
import type {Shape, TensorId, Weight} from '../../../graph/tensor.ts';
import type {TensorType} from '../schema.ts';
import type {OperatorName} from '../schema-operators.ts';
import type {Constant, Content, FileModel, FileOperator, FileTensor, Options} from './file-model.ts';
import type {KernelLayout} from './layouts.ts';
import {arrange} from './layouts.ts';

/** A file in the making: ops ask it for their inputs, add operators, and get the tensors those write. */
export interface Draft {
  readonly graph: Graph;
  /** Shape of a tensor in the file: the batch and its instances first. */
  shapeOf(id: TensorId): Shape;
  /** The file's tensor of a tensor of the graph; a constant is repeated for every example. */
  read(id: TensorId): number;
  /** The same for operators that stretch their inputs: a constant stays as it is. */
  operand(id: TensorId): number;
  /** Trained weights, the same weights in the same layout are stored once. */
  kernel(weight: Weight, layout: KernelLayout): number;
  /** Rows to look up, as they lie. */
  table(weight: Weight): number;
  /** `[size]`, zeros where there is no bias. */
  bias(bias: Weight | null, size: number): number;
  /** Floats that are not trained weights; shared by content. */
  floats(name: string, values: Float32Array, shape: Shape): number;
  /** Whole numbers: shapes, axes, paddings; shared by content. */
  integers(values: readonly number[], shape?: Shape): number;
  /** State that a fused recurrent operator keeps. */
  variable(name: string, shape: Shape): number;
  /** Adds an operator and gives the tensor that it writes. */
  add(name: OperatorName, inputs: readonly number[], shape: Shape, options?: Options, type?: TensorType): number;
  /** Whether a padding must be an operator of its own, also where the convolution could do it. */
  padsApart(op: Op): boolean;
}

/** How one op of the legal graph becomes operators: it gives the tensor with the op's output. */
export type Emit<O extends Op> = (op: O, draft: Draft) => number;

/**
 * Runs every op of a legal graph through `emit`.
 *
 * @param apart Ops whose padding must be an operator of its own.
 */
export function draftModel(graph: Graph, batch: number, apart: ReadonlySet<Op>, emit: Emit<Op>): FileModel {
  const tensors: FileTensor[] = [];
  const operators: FileOperator[] = [];
  const values = new Map<TensorId, number>();
  const constants = new Map<TensorId, OpOf<'constant'>>();
  const known = new Map<string, number>();
  const identities = new Map<object, number>();
  let layer = '';

  const push = (tensor: Partial<FileTensor> & Pick<FileTensor, 'name' | 'shape'>): number =>
    tensors.push({type: 'float32', constant: null, quantization: null, isVariable: false, source: null, ...tensor}) - 1;
  const constant = (name: string, shape: Shape, content: Content, rest: Partial<Constant>): number =>
    push({
      name,
      shape,
      type: content instanceof Int32Array ? 'int32' : 'float32',
      constant: {role: 'operand', channels: 0, sparsity: null, ...rest, content},
    });
  const once = (key: string, make: () => number): number => {
    const tensor = known.get(key) ?? make();
    known.set(key, tensor);
    return tensor;
  };
  const idOf = (object: object): number => {
    const id = identities.get(object) ?? identities.size;
    identities.set(object, id);
    return id;
  };
  const shapeOf = (id: TensorId): Shape => {
    const {shape, instances} = graph.tensors[id]!;
    return [batch * instances, ...shape];
  };
  const draft: Draft = {
    graph,
    shapeOf,
    read: id => {
      const value = constants.get(id)?.value;
      if (value === undefined) return values.get(id)!;
      return once(`repeated ${idOf(value.data)} ${value.shape}`, () => {
        const content = new Float32Array(batch * value.data.length);
        for (let example = 0; example < batch; example++) content.set(value.data, example * value.data.length);
        return constant(value.name, [batch, ...value.shape], content, {});
      });
    },
    operand: id => {
      const value = constants.get(id)?.value;
      if (value === undefined) return values.get(id)!;
      return once(`constant ${idOf(value.data)} ${value.shape}`, () =>
        constant(value.name, value.shape, value.data, {}),
      );
    },
    kernel: ({name, data}, layout) =>
      once(`kernel ${idOf(data)} ${layout.order} ${layout.shape}`, () =>
        constant(name, layout.shape, arrange(data, layout), {role: 'kernel', channels: layout.channels}),
      ),
    table: ({name, shape, data}) => once(`table ${idOf(data)}`, () => constant(name, shape, data, {role: 'table'})),
    bias: (bias, size) =>
      bias === null
        ? once(`zeros ${size}`, () => constant('zeros', [size], new Float32Array(size), {role: 'bias'}))
        : once(`bias ${idOf(bias.data)}`, () => constant(bias.name, [size], bias.data, {role: 'bias'})),
    floats: (name, content, shape) =>
      once(`floats ${shape} ${content.length > 1 ? idOf(content) : content[0]}`, () =>
        constant(name, shape, content, {role: 'operand'}),
      ),
    integers: (list, shape = [list.length]) =>
      once(`integers [${shape}] ${list}`, () => constant('integers', shape, Int32Array.from(list), {role: 'integers'})),
    variable: (name, shape) => push({name, shape, isVariable: true}),
    add: (name, inputs, shape, options = {}, type = 'float32') => {
      const output = push({name: layer, shape, type});
      operators.push({name, inputs, outputs: [output], options, layer});
      return output;
    },
    padsApart: op => apart.has(op),
  };

  const inputs = graph.inputs.map(({name, tensor}) => {
    values.set(tensor, push({name, shape: shapeOf(tensor), type: graph.tensors[tensor]!.dtype, source: tensor}));
    return {name, tensor: values.get(tensor)!};
  });
  for (const op of graph.ops) {
    layer = op.layer;
    if (op.type === 'constant') constants.set(op.outputs[0]!, op);
    else {
      const tensor = emit(op, draft);
      tensors[tensor] = {...tensors[tensor]!, source: tensors[tensor]!.source ?? op.outputs[0]!};
      values.set(op.outputs[0]!, tensor);
    }
  }
  const outputs = graph.outputs.map(({name, tensor}) => {
    // Some runtimes name outputs by the signature, others by their tensors.
    const output = values.get(tensor)!;
    tensors[output] = {...tensors[output]!, name};
    return {name, tensor: output};
  });
  return {tensors, operators, inputs, outputs};
}

import type {Builder} from '../../../../graph/builder.ts';
import type {Activation} from '../../../../graph/ops/activation.ts';
import {LINEAR} from '../../../../graph/ops/activation.ts';
import type {Op} from '../../../../graph/ops/index.ts';
import type {MergeOp} from '../../../../graph/ops/merge.ts';
import type {Attributes, OpBase} from '../../../../graph/ops/op.ts';
import type {Shape, TensorId} from '../../../../graph/tensor.ts';

/** What a rule spells an op out with: ops of the same layer, which are spelt out in turn. */
export interface Speller {
  /** Adds an op and gives its first output. */
  emit(attributes: Attributes<Op>, ...inputs: readonly TensorId[]): TensorId;
  shape(id: TensorId): Shape;
  instances(id: TensorId): number;
  isConstant(id: TensorId): boolean;
  /** A constant of one number, or of many. */
  constant(values: number | Float32Array, shape?: Shape): TensorId;
  activate(activation: Activation | Exclude<Activation['type'], 'elu' | 'relu'>, x: TensorId): TensorId;
  /** Two tensors, or a tensor and a number, element by element. */
  merge(kind: MergeOp['kind'], a: TensorId, b: TensorId | {readonly number: number}, activation?: Activation): TensorId;
}

/** The ops that one op becomes, as its outputs; null where it is legal as it is. */
export type Rule<O extends OpBase> = (
  op: Attributes<O>,
  inputs: readonly TensorId[],
  speller: Speller,
) => readonly TensorId[] | null;

/**
 * A speller of one layer.
 *
 * @param emit Adds an op to the graph, spelt out where it must be.
 * @param constants Which tensors are constants.
 */
export function createSpeller(
  layer: string,
  builder: Builder,
  emit: (layer: string, attributes: Attributes<Op>, inputs: readonly TensorId[]) => readonly TensorId[],
  constants: ReadonlySet<TensorId>,
): Speller {
  const speller: Speller = {
    emit: (attributes, ...inputs) => emit(layer, attributes, inputs)[0]!,
    shape: id => builder.tensor(id).shape,
    instances: id => builder.tensor(id).instances,
    isConstant: id => constants.has(id),
    constant: (values, shape) => {
      const data = typeof values === 'number' ? Float32Array.of(values) : values;
      const value = {name: layer, shape: shape ?? (typeof values === 'number' ? [] : [data.length]), data};
      return speller.emit({type: 'constant', value});
    },
    activate: (activation, x) =>
      speller.emit(
        {type: 'activation', activation: typeof activation === 'string' ? {type: activation} : activation},
        x,
      ),
    merge: (kind, a, b, activation = LINEAR) =>
      speller.emit({type: 'merge', kind, activation}, a, typeof b === 'number' ? b : speller.constant(b.number)),
  };
  return speller;
}

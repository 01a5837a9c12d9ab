import type {Weight} from '../tensor.ts';
import type {Activation} from './activation.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** `activation(x * kernel + bias)` over the last dimension; dimensions before it are carried along. */
export interface DenseOp extends OpBase {
  readonly type: 'dense';
  /** `[in, out]` */
  readonly kernel: Weight;
  /** `[out]` */
  readonly bias: Weight | null;
  readonly activation: Activation;
}

export const denseRule: ShapeRule<DenseOp> = (op, [input]) => {
  const [inputs, units] = op.kernel.shape as [number, number];
  if (input!.at(-1) !== inputs) throw new Error(`a kernel of ${inputs} inputs needs a last dimension of ${inputs}`);
  return [[...input!.slice(0, -1), units]];
};

import {type BatchMatMulAttrs, engine, type Tensor, tidy, transpose} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  readonly a: Tensor;
  readonly b: Tensor;
}

/** Time to pack an element of the right operand, in times to transpose one (measured). */
const PACKING = 3;

/**
 * `BatchMatMul`: `[..., m, k] x [..., k, n] -> [..., m, n]`, either operand possibly stored transposed. The stock
 * kernel has a fast path for plain operands alone, so operands are transposed first; where it moves less memory the
 * product is computed as `(b' a')'`, as for a dense layer whose weights are many more than its inputs.
 */
export const batchMatMul: TrainingKernel = replaced<Inputs, BatchMatMulAttrs>('BatchMatMul', (call, stock) => {
  const {a, b} = call.inputs;
  const {transposeA, transposeB} = call.attrs;
  const isPlain = !transposeA && !transposeB;
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const direct = (transposeA ? a.size : 0) + (transposeB ? b.size : 0) + PACKING * b.size;
  const flipped = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + PACKING * a.size + rows * columns;
  // Outside of a gradient the stock kernel keeps the packed weights for the next call, which then costs nothing.
  const isFlipped = a.rank === 2 && b.rank === 2 && flipped < direct && !(isPlain && !isTraining());
  if (isPlain && !isFlipped) return stock(call);
  return tidy(() =>
    isFlipped
      ? swapLast(product(transposeB ? b : swapLast(b), transposeA ? a : swapLast(a)))
      : product(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b),
  );
});

/** Whether a gradient is being taken, so that weights change after this step. */
function isTraining(): boolean {
  return engine().state.gradientDepth > 0;
}

/** The plain product of two operands, by the kernel now registered. */
export function product(a: Tensor, b: Tensor): Tensor {
  return engine().runKernel('BatchMatMul', {a, b}, {transposeA: false, transposeB: false}) as Tensor;
}

/** The matrices in the last two dimensions, transposed. */
export function swapLast(x: Tensor): Tensor {
  const {rank} = x;
  const order = x.shape.map((_, axis) => axis);
  order[rank - 1] = rank - 2;
  order[rank - 2] = rank - 1;
  return transpose(x, order);
}

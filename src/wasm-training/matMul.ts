import {type BatchMatMulAttrs, engine, type Tensor, tidy, transpose} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  readonly a: Tensor;
  readonly b: Tensor;
}

/**
 * `BatchMatMul`: `[..., m, k] x [..., k, n] -> [..., m, n]`, either operand possibly stored transposed. The stock kernel
 * has a fast path for plain operands alone, so operands are transposed first; where it moves less memory the product
 * is computed as `(b' a')'`, as in every input gradient of a dense layer.
 */
export const batchMatMul: TrainingKernel = replaced<Inputs, BatchMatMulAttrs>('BatchMatMul', (call, stock) => {
  const {a, b} = call.inputs;
  const {transposeA, transposeB} = call.attrs;
  if (!transposeA && !transposeB) return stock(call);
  return tidy(() => {
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const columns = b.shape.at(transposeB ? -2 : -1)!;
    // Elements moved: transposed operands, the operand the product packs, and the transposed result.
    const direct = (transposeA ? a.size : 0) + (transposeB ? b.size : 0) + b.size;
    const flipped = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + a.size + rows * columns;
    if (a.rank === b.rank && flipped < direct) {
      return swapLast(product(transposeB ? b : swapLast(b), transposeA ? a : swapLast(a)));
    }
    return product(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b);
  });
});

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

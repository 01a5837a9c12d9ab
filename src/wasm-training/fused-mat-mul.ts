import {type _FusedMatMulAttrs, add, backend_util, engine, reshape, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';
import {product, swapLast} from './mat-mul.ts';

interface Inputs {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly bias?: Tensor;
  readonly preluActivationWeights?: Tensor;
}

/**
 * `_FusedMatMul`: a matrix product with bias and activation, rank 3 operands. The stock kernel is right for one plain
 * product only: with a transposed operand, or with a batch, it adds the bias once for every 48 steps of the inner
 * dimension. Transposed operands are transposed first, and a batch against one matrix becomes one taller product.
 */
export const fusedMatMul: TrainingKernel = replaced<Inputs, _FusedMatMulAttrs>('_FusedMatMul', (call, stock) => {
  const {a, b, bias, preluActivationWeights} = call.inputs;
  const {transposeA, transposeB, activation, leakyreluAlpha} = call.attrs;
  const batch = Math.max(a.shape[0]!, b.shape[0]!);
  if (!transposeA && !transposeB && batch === 1) return stock(call);
  return tidy(() => {
    const left = transposeA ? swapLast(a) : a;
    const right = transposeB ? swapLast(b) : b;
    const plain = {...call.attrs, transposeA: false, transposeB: false};
    if (b.shape[0] === 1 && preluActivationWeights == null) {
      const [, rows, inner] = left.shape as [number, number, number];
      const tall = reshape(left, [1, batch * rows, inner]);
      const result = engine().runKernel('_FusedMatMul', {...call.inputs, a: tall, b: right}, plain) as Tensor;
      return reshape(result, [batch, rows, right.shape[2]!]);
    }
    const sum = bias == null ? product(left, right) : add(product(left, right), bias);
    return backend_util.applyActivation(sum, activation, preluActivationWeights, leakyreluAlpha);
  });
});

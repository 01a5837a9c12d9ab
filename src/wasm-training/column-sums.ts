import {type MeanAttrs, type SumAttrs, type Tensor, util} from '@tensorflow/tfjs-core';
import {type KernelCall, replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  readonly x: Tensor;
}

/**
 * `Sum` over the leading dimensions, as the gradient of every bias: adds row after row where the stock kernel first
 * transposes the whole tensor. Other reductions are left to it.
 */
export const sum: TrainingKernel = replaced<Inputs, SumAttrs>('Sum', (call, stock) => overRows(call, 1) ?? stock(call));

/** `Mean` over the leading dimensions, as in every batch normalisation; see {@link sum}. */
export const mean: TrainingKernel = replaced<Inputs, MeanAttrs>('Mean', (call, stock) => {
  const axes = util.parseAxisParam(call.attrs.axis, call.inputs.x.shape);
  return overRows(call, util.sizeFromShape(axes.map(axis => call.inputs.x.shape[axis]!))) ?? stock(call);
});

/** The sums over the leading dimensions divided by `divisor`, or nothing if `axis` asks for another reduction. */
function overRows({inputs: {x}, attrs, backend}: KernelCall<Inputs, SumAttrs>, divisor: number) {
  const axes = util.parseAxisParam(attrs.axis, x.shape).sort((a, b) => a - b);
  const kept = x.shape.slice(axes.length);
  const width = util.sizeFromShape(kept);
  // One column is one long row, which the stock kernel adds up as it lies.
  const isLeading = axes.length > 0 && axes.every((axis, i) => axis === i) && width > 1;
  if (!isLeading || x.dtype !== 'float32' || x.size === 0) return undefined;
  const out = backend.makeOutput(attrs.keepDims ? [...axes.map(() => 1), ...kept] : kept, 'float32');
  const from = backend.typedArrayFromHeap(x);
  const to = backend.typedArrayFromHeap(out);
  const sums = new Float64Array(width);
  for (let row = 0; row < from.length; row += width) {
    for (let i = 0; i < width; i++) sums[i]! += from[row + i]!;
  }
  for (let i = 0; i < width; i++) to[i] = sums[i]! / divisor;
  return out;
}

import {backend_util, type MaxPoolGradAttrs, type Tensor4D} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  /** `[batch, outHeight, outWidth, channels]` */
  readonly dy: Tensor4D;
  /** `[batch, inHeight, inWidth, channels]`, what was pooled. */
  readonly input: Tensor4D;
  /** `[batch, outHeight, outWidth, channels]`, the maxima. */
  readonly output: Tensor4D;
}

/**
 * `MaxPoolGrad`: hands each value of `dy` to the position its maximum came from, the first in row order among equals.
 * The stock kernel visits every input position for every window that may contain it.
 */
export const maxPoolGrad: TrainingKernel = replaced<Inputs, MaxPoolGradAttrs>('MaxPoolGrad', (call, stock) => {
  const {dy, input} = call.inputs;
  const {filterSize, strides, pad, dimRoundingMode} = call.attrs;
  if (input.dtype !== 'float32') return stock(call);
  const info = backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const {batchSize, inHeight, inWidth, outHeight, outWidth, inChannels, strideHeight, strideWidth} = info;
  const {filterHeight, filterWidth, padInfo} = info;
  const dx = call.backend.makeOutput(input.shape, 'float32');
  const from = call.backend.typedArrayFromHeap(input);
  const errors = call.backend.typedArrayFromHeap(dy);
  const to = call.backend.typedArrayFromHeap(dx);
  to.fill(0);
  let target = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = Math.max(0, row * strideHeight - padInfo.top);
      const bottom = Math.min(inHeight, row * strideHeight - padInfo.top + filterHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = Math.max(0, column * strideWidth - padInfo.left);
        const right = Math.min(inWidth, column * strideWidth - padInfo.left + filterWidth);
        for (let channel = 0; channel < inChannels; channel++, target++) {
          let at = -1;
          let most = Number.NEGATIVE_INFINITY;
          for (let y = top; y < bottom; y++) {
            let index = ((image * inHeight + y) * inWidth + left) * inChannels + channel;
            for (let x = left; x < right; x++, index += inChannels) {
              const value = from[index]!;
              if (value > most || at < 0) {
                most = value;
                at = index;
              }
            }
          }
          if (at >= 0) to[at]! += errors[target]!;
        }
      }
    }
  }
  return dx;
});

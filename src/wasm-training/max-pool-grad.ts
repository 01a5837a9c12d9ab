import {backend_util, type MaxPoolGradAttrs, type Tensor4D} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';
import {maxima, scatter} from './maxima.ts';

interface Inputs {
  /** `[batch, outHeight, outWidth, channels]` */
  readonly dy: Tensor4D;
  /** `[batch, inHeight, inWidth, channels]`, what was pooled. */
  readonly input: Tensor4D;
}

/**
 * `MaxPoolGrad`: hands each value of `dy` to the position its maximum came from, the first in row order among equals.
 * The stock kernel visits every input position for every window that may contain it.
 */
export const maxPoolGrad: TrainingKernel = replaced<Inputs, MaxPoolGradAttrs>('MaxPoolGrad', (call, stock) => {
  const {inputs, attrs, backend} = call;
  const {dy, input} = inputs;
  if (input.dtype !== 'float32') return stock(call);
  const {filterSize, strides, pad, dimRoundingMode} = attrs;
  const info = backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = backend.makeOutput(input.shape, 'float32');
  const positions = maxima(backend.typedArrayFromHeap(input) as Float32Array, {
    ...info,
    inDepth: 1,
    outDepth: 1,
    filterDepth: 1,
    strideDepth: 1,
    padInfo: {...info.padInfo, front: 0},
  });
  scatter(backend.typedArrayFromHeap(dy) as Float32Array, positions, backend.typedArrayFromHeap(dx) as Float32Array);
  return dx;
});

import {backend_util, type MaxPool3DAttrs, type MaxPool3DGradAttrs, type Tensor5D} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';
import {maxima, scatter} from './maxima.ts';

/**
 * `MaxPool3D`: `[batch, depth, height, width, channels]`. The stock kernel starts every maximum at the smallest
 * positive number, so a window of negative values comes out wrong.
 */
export const maxPool3D: TrainingKernel = replaced<{readonly x: Tensor5D}, MaxPool3DAttrs>(
  'MaxPool3D',
  (call, stock) => {
    const {inputs, attrs, backend} = call;
    const {x} = inputs;
    if (x.dtype !== 'float32' || attrs.dataFormat !== 'NDHWC') return stock(call);
    const info = windowsOf(x, attrs);
    const out = backend.makeOutput(info.outShape, 'float32');
    const from = backend.typedArrayFromHeap(x);
    const to = backend.typedArrayFromHeap(out);
    const positions = maxima(from as Float32Array, info);
    for (let i = 0; i < positions.length; i++) {
      const at = positions[i]!;
      to[i] = at < 0 ? Number.NEGATIVE_INFINITY : from[at]!;
    }
    return out;
  },
);

/** `MaxPool3DGrad`: hands `dy` to the first of the maxima in depth, row, column order. See {@link maxPool3D}. */
export const maxPool3DGrad: TrainingKernel = replaced<
  {readonly dy: Tensor5D; readonly input: Tensor5D},
  MaxPool3DGradAttrs
>('MaxPool3DGrad', (call, stock) => {
  const {inputs, attrs, backend} = call;
  const {dy, input} = inputs;
  if (input.dtype !== 'float32') return stock(call);
  const info = windowsOf(input, attrs);
  const dx = backend.makeOutput(input.shape, 'float32');
  const positions = maxima(backend.typedArrayFromHeap(input) as Float32Array, info);
  scatter(backend.typedArrayFromHeap(dy) as Float32Array, positions, backend.typedArrayFromHeap(dx) as Float32Array);
  return dx;
});

function windowsOf({shape}: Tensor5D, {filterSize, strides, pad, dimRoundingMode}: MaxPool3DGradAttrs) {
  return backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

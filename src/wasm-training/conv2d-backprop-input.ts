import {
  backend_util,
  type Conv2DBackpropInputAttrs,
  conv2d,
  engine,
  reshape,
  slice,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';
import {window1D} from './window.ts';

interface Inputs {
  /** `[batch, outHeight, outWidth, outChannels]` */
  readonly dy: Tensor4D;
  /** `[filterHeight, filterWidth, inChannels, outChannels]` */
  readonly filter: Tensor4D;
}

/**
 * `Conv2DBackpropInput`: the gradient of a 2-D convolution with respect to its input, and the forward pass of a
 * transposed convolution. Input positions that share a remainder modulo the stride see the same part of the filter; so
 * one stride-1 convolution of `dy` computes all remainders as extra channels, which are then interleaved. No multiply
 * is spent on the zeros that dilating `dy` would insert.
 */
export const conv2DBackpropInput: TrainingKernel = replaced<Inputs, Conv2DBackpropInputAttrs>(
  'Conv2DBackpropInput',
  (call, stock) => {
    const {inputs, backend} = call;
    const {dy, filter} = inputs;
    const {inputShape, strides, pad: padding, dimRoundingMode, dataFormat} = call.attrs;
    if (dataFormat !== 'NHWC') return stock(call);
    const info = backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, padding, dimRoundingMode);
    const {batchSize, inHeight, inWidth, inChannels, outChannels, strideHeight, strideWidth} = info;
    return tidy(() => {
      const rows = window1D(inHeight, info.outHeight, info.filterHeight, strideHeight, info.padInfo.top);
      const columns = window1D(inWidth, info.outWidth, info.filterWidth, strideWidth, info.padInfo.left);
      const phases = strideHeight * strideWidth;

      const shape = [rows.taps, columns.taps, outChannels, phases * inChannels];
      const kernelInfo = backend.makeOutput(shape, 'float32');
      turnFilter(
        backend.typedArrayFromHeap(filter) as Float32Array,
        backend.typedArrayFromHeap(kernelInfo) as Float32Array,
        info,
        [rows.taps, columns.taps],
      );
      const kernel = engine().makeTensorFromTensorInfo(kernelInfo) as Tensor4D;

      const seen = slice(
        dy,
        [0, rows.crop.before, columns.crop.before, 0],
        [batchSize, rows.crop.size, columns.crop.size, outChannels],
      );
      const all = conv2d(seen, kernel, 1, [[0, 0], rows.pad, columns.pad, [0, 0]]);
      const interleaved =
        phases === 1
          ? all
          : reshape(
              transpose(
                reshape(all, [batchSize * rows.size, columns.size, strideHeight, strideWidth * inChannels]),
                [0, 2, 1, 3],
              ),
              [batchSize, rows.size * strideHeight, columns.size * strideWidth, inChannels],
            );
      return slice(interleaved, [0, rows.offset, columns.offset, 0], inputShape);
    });
  },
);

/**
 * Writes the filter as the stride-1 convolution needs it: `[tapRows, tapColumns, outChannels, phases * inChannels]`,
 * taps in reverse order, those of one remainder modulo the stride side by side. Taps the filter lacks are zero.
 */
function turnFilter(
  filter: Float32Array,
  turned: Float32Array,
  {filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth}: backend_util.Conv2DInfo,
  [tapRows, tapColumns]: readonly [number, number],
): void {
  if (turned.length > filter.length) turned.fill(0);
  const width = strideHeight * strideWidth * inChannels;
  for (let row = 0; row < filterHeight; row++) {
    const tapRow = tapRows - 1 - Math.floor(row / strideHeight);
    for (let column = 0; column < filterWidth; column++) {
      const tapColumn = tapColumns - 1 - Math.floor(column / strideWidth);
      const phase = (row % strideHeight) * strideWidth + (column % strideWidth);
      const target = (tapRow * tapColumns + tapColumn) * outChannels * width + phase * inChannels;
      let from = (row * filterWidth + column) * inChannels * outChannels;
      for (let i = 0; i < inChannels; i++) {
        for (let o = 0, to = target + i; o < outChannels; o++, to += width) turned[to] = filter[from++]!;
      }
    }
  }
}

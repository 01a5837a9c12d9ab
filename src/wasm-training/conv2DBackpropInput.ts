import {
  backend_util,
  type Conv2DBackpropInputAttrs,
  conv2d,
  pad,
  reshape,
  reverse,
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
    const {dy, filter} = call.inputs;
    const {inputShape, strides, pad: padding, dimRoundingMode, dataFormat} = call.attrs;
    if (dataFormat !== 'NHWC') return stock(call);
    const info = backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, padding, dimRoundingMode);
    const {batchSize, inHeight, inWidth, inChannels, outChannels, strideHeight, strideWidth} = info;
    return tidy(() => {
      const rows = window1D(inHeight, info.outHeight, info.filterHeight, strideHeight, info.padInfo.top);
      const columns = window1D(inWidth, info.outWidth, info.filterWidth, strideWidth, info.padInfo.left);
      const phases = strideHeight * strideWidth;

      const taps = pad(filter, [
        [0, rows.taps * strideHeight - info.filterHeight],
        [0, columns.taps * strideWidth - info.filterWidth],
        [0, 0],
        [0, 0],
      ]);
      const split = reshape(taps, [rows.taps, strideHeight, columns.taps, strideWidth, inChannels, outChannels]);
      const turned = transpose(reverse(split, [0, 2]), [0, 2, 5, 1, 3, 4]);
      const kernel = reshape(turned, [rows.taps, columns.taps, outChannels, phases * inChannels]) as Tensor4D;

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

import {
  backend_util,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  depthwiseConv2d,
  pad,
  reshape,
  reverse,
  slice,
  sum,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import {added, type TrainingKernel} from './kernel.ts';

interface Inputs {
  /** `[batch, outHeight, outWidth, inChannels * multiplier]` */
  readonly dy: Tensor4D;
  /** `[filterHeight, filterWidth, inChannels, multiplier]` */
  readonly filter: Tensor4D;
}

/**
 * `DepthwiseConv2dNativeBackpropInput`: the gradient of a depthwise convolution with respect to its input, as a
 * depthwise convolution of the stride-dilated `dy` with the rotated filter, summed over the channel multiplier.
 */
export const depthwiseBackpropInput: TrainingKernel = added<Inputs, DepthwiseConv2dNativeBackpropInputAttrs>(
  'DepthwiseConv2dNativeBackpropInput',
  ({inputs: {dy, filter}, attrs}) => {
    const {inputShape, strides, dilations, pad: padding, dimRoundingMode} = attrs;
    const info = backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      padding,
      dimRoundingMode,
      true,
    );
    const {batchSize, inChannels, outChannels, inHeight, inWidth, padInfo} = info;
    return tidy(() => {
      const rows = reach(inHeight, info.outHeight, info.effectiveFilterHeight, info.strideHeight, padInfo.top);
      const columns = reach(inWidth, info.outWidth, info.effectiveFilterWidth, info.strideWidth, padInfo.left);
      const wide = dilate(dy, info.strideHeight, info.strideWidth);
      const seen = slice(wide, [0, rows.before, columns.before, 0], [batchSize, rows.size, columns.size, outChannels]);
      const rotated = reshape(reverse(filter, [0, 1]), [info.filterHeight, info.filterWidth, outChannels, 1]);
      const padded = pad(seen, [[0, 0], rows.pad, columns.pad, [0, 0]]);
      const each = depthwiseConv2d(padded, rotated as Tensor4D, 1, 'valid', 'NHWC', [
        info.dilationHeight,
        info.dilationWidth,
      ]);
      const multiplier = outChannels / inChannels;
      if (multiplier === 1) return each;
      return sum(reshape(each, [batchSize, inHeight, inWidth, inChannels, multiplier]), -1);
    });
  },
);

/** `x` with `stride - 1` zeros after every row and column. */
function dilate(x: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  let wide: Tensor4D = x;
  if (strideWidth > 1) {
    const gaps = pad(reshape(wide, [batch * height * width, 1, channels]), [
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
    wide = reshape(gaps, [batch, height, width * strideWidth, channels]);
  }
  if (strideHeight > 1) {
    const gaps = pad(reshape(wide, [batch * height, 1, width * strideWidth * channels]), [
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
    ]);
    wide = reshape(gaps, [batch, height * strideHeight, width * strideWidth, channels]);
  }
  return wide;
}

/** The part of the dilated `dy` that one dimension of the input sees, and the zeros around it. */
function reach(input: number, output: number, filter: number, stride: number, padBefore: number) {
  const dilated = output * stride;
  const before = filter - 1 - padBefore;
  const after = input + padBefore - dilated;
  const cut = Math.max(0, -before);
  const pad: [number, number] = [Math.max(0, before), Math.max(0, after)];
  return {before: cut, size: dilated - cut - Math.max(0, -after), pad};
}

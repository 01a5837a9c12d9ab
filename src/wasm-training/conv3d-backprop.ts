import {
  addN,
  backend_util,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
  engine,
  pad as padOp,
  reshape,
  slice,
  stack,
  stridedSlice,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
  tidy,
  unstack,
  zeros,
} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

type Shape5D = [number, number, number, number, number];
type Info = ReturnType<typeof backend_util.computeConv3DInfo>;

interface FilterInputs {
  /** `[batch, inDepth, inHeight, inWidth, inChannels]` */
  readonly x: Tensor5D;
  /** `[batch, outDepth, outHeight, outWidth, outChannels]` */
  readonly dy: Tensor5D;
}

interface InputInputs {
  readonly dy: Tensor5D;
  /** `[filterDepth, filterHeight, filterWidth, inChannels, outChannels]` */
  readonly filter: Tensor5D;
}

/**
 * `Conv3DBackpropFilterV2`: for every tap along the depth, the filter gradient of the 2-D convolution between the
 * slices it meets. The stock kernel is wrong for strides above 1.
 */
export const conv3DBackpropFilter: TrainingKernel = replaced<FilterInputs, Conv3DBackpropFilterV2Attrs>(
  'Conv3DBackpropFilterV2',
  ({inputs: {x, dy}, attrs: {strides, pad, filterShape}}) => {
    const info = backend_util.computeConv3DInfo(x.shape as Shape5D, filterShape, strides, 1, pad);
    return tidy(() => {
      const [, ...tapShape] = filterShape;
      const gradients = Array.from({length: info.filterDepth}, (_, tap) => {
        const {first, count, source} = met(info, tap);
        if (count === 0) return zeros(tapShape);
        const seen = depths(x, source, count, info.strideDepth);
        const errors = depths(dy, first, count, 1);
        const attrs = {...planar(info), filterShape: tapShape};
        return engine().runKernel('Conv2DBackpropFilter', {x: seen, dy: errors}, attrs) as Tensor;
      });
      return stack(gradients);
    });
  },
);

/**
 * `Conv3DBackpropInputV2`: for every tap along the depth, the input gradient of the 2-D convolution between the slices
 * it meets, added up where they came from. The stock kernel adds to memory it has not cleared.
 */
export const conv3DBackpropInput: TrainingKernel = replaced<InputInputs, Conv3DBackpropInputV2Attrs>(
  'Conv3DBackpropInputV2',
  ({inputs: {dy, filter}, attrs: {strides, pad, inputShape}}) => {
    const info = backend_util.computeConv3DInfo(inputShape, filter.shape as Shape5D, strides, 1, pad);
    const {batchSize, inDepth, inHeight, inWidth, inChannels, strideDepth} = info;
    return tidy(() => {
      const inputSlices = [batchSize, inDepth, inHeight * inWidth * inChannels] as const;
      const parts = unstack(filter).map((taps, tap) => {
        const {first, count, source} = met(info, tap);
        if (count === 0) return zeros([...inputSlices]);
        const errors = depths(dy, first, count, 1);
        const attrs = {...planar(info), inputShape: [batchSize * count, inHeight, inWidth, inChannels]};
        const gradient = engine().runKernel('Conv2DBackpropInput', {dy: errors, filter: taps}, attrs) as Tensor;
        const dilated = padOp(reshape(gradient, [batchSize * count, 1, inputSlices[2]]), [
          [0, 0],
          [0, strideDepth - 1],
          [0, 0],
        ]);
        const reach = Math.min(count * strideDepth, inDepth - source);
        const cut = slice(
          reshape(dilated, [batchSize, count * strideDepth, inputSlices[2]]),
          [0, 0, 0],
          [batchSize, reach, inputSlices[2]],
        );
        return padOp(cut, [
          [0, 0],
          [source, inDepth - source - reach],
          [0, 0],
        ]);
      });
      return reshape(addN(parts), inputShape);
    });
  },
);

/** The output depths a filter tap contributes to, and the input depth the first of them sees. */
function met(info: Info, tap: number): {first: number; count: number; source: number} {
  const {strideDepth, outDepth, inDepth} = info;
  const offset = tap - info.padInfo.front;
  const first = Math.max(0, Math.ceil(-offset / strideDepth));
  const last = Math.min(outDepth - 1, Math.floor((inDepth - 1 - offset) / strideDepth));
  return {first, count: Math.max(0, last - first + 1), source: first * strideDepth + offset};
}

/** `count` depth slices from `first` on, every `stride`-th, as one batch of images. */
function depths(x: Tensor5D, first: number, count: number, stride: number): Tensor4D {
  const [batch, depth, height, width, channels] = x.shape;
  const flat = reshape(x, [batch, depth, height * width * channels]);
  const end = first + (count - 1) * stride + 1;
  const picked =
    stride === 1
      ? slice(flat, [0, first, 0], [batch, count, -1])
      : stridedSlice(flat, [0, first, 0], [batch, end, height * width * channels], [1, stride, 1]);
  return reshape(picked, [batch * count, height, width, channels]);
}

/** The same convolution seen in one depth slice. */
function planar({strideHeight, strideWidth, padInfo: {top, bottom, left, right}}: Info) {
  const pad: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return {strides: [strideHeight, strideWidth] as [number, number], pad, dataFormat: 'NHWC'};
}

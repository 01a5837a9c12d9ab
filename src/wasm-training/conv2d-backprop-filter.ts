import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  conv2d,
  slice,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import {TfmotError} from '../errors.ts';
import {added, type TrainingKernel} from './kernel.ts';

interface Inputs {
  /** `[batch, inHeight, inWidth, inChannels]` */
  readonly x: Tensor4D;
  /** `[batch, outHeight, outWidth, outChannels]` */
  readonly dy: Tensor4D;
}

/**
 * `Conv2DBackpropFilter`: the gradient of a 2-D convolution with respect to its filter. It is itself a convolution:
 * channels take the place of the batch, `dy` is the filter, and the forward stride is the dilation.
 */
export const conv2DBackpropFilter: TrainingKernel = added<Inputs, Conv2DBackpropFilterAttrs>(
  'Conv2DBackpropFilter',
  ({inputs: {x, dy}, attrs}) => {
    const {strides, pad, dimRoundingMode, dataFormat, filterShape} = attrs;
    if (dataFormat !== 'NHWC') {
      throw new TfmotError(
        'invalid-argument',
        `Convolutions on the wasm backend must be 'NHWC', but got '${dataFormat}'. Move the channels last.`,
      );
    }
    const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const {batchSize, inChannels, strideHeight, strideWidth, padInfo} = info;
    // The result must have exactly filterHeight x filterWidth positions, whatever the stride left over.
    const bottom = info.filterHeight - 1 + (info.outHeight - 1) * strideHeight + 1 - info.inHeight - padInfo.top;
    const right = info.filterWidth - 1 + (info.outWidth - 1) * strideWidth + 1 - info.inWidth - padInfo.left;
    return tidy(() => {
      const height = info.inHeight + Math.min(0, bottom);
      const width = info.inWidth + Math.min(0, right);
      const seen =
        height === info.inHeight && width === info.inWidth
          ? x
          : slice(x, [0, 0, 0, 0], [batchSize, height, width, inChannels]);
      const gradient = conv2d(
        transpose(seen, [3, 1, 2, 0]) as Tensor4D,
        transpose(dy, [1, 2, 0, 3]) as Tensor4D,
        1,
        [
          [0, 0],
          [padInfo.top, Math.max(0, bottom)],
          [padInfo.left, Math.max(0, right)],
          [0, 0],
        ],
        'NHWC',
        [strideHeight, strideWidth],
      );
      return transpose(gradient, [1, 2, 0, 3]);
    });
  },
);

import {backend_util, type DepthwiseConv2dNativeBackpropFilterAttrs, type Tensor4D} from '@tensorflow/tfjs-core';
import {added, type TrainingKernel} from './kernel.ts';

interface Inputs {
  /** `[batch, inHeight, inWidth, inChannels]` */
  readonly x: Tensor4D;
  /** `[batch, outHeight, outWidth, inChannels * multiplier]` */
  readonly dy: Tensor4D;
}

/**
 * `DepthwiseConv2dNativeBackpropFilter`: the gradient `[filterHeight, filterWidth, inChannels, multiplier]` of a
 * depthwise convolution with respect to its filter. One pass over `dy`; every tap's channels lie side by side.
 */
export const depthwiseBackpropFilter: TrainingKernel = added<Inputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
  'DepthwiseConv2dNativeBackpropFilter',
  ({inputs: {x, dy}, attrs, backend}) => {
    const {strides, dilations, pad, dimRoundingMode, filterShape} = attrs;
    const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations, pad, dimRoundingMode, true);
    const {batchSize, inHeight, inWidth, inChannels, outChannels, outHeight, outWidth, padInfo} = info;
    const {filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth} = info;
    const multiplier = outChannels / inChannels;
    const gradient = backend.makeOutput(filterShape, 'float32');
    const from = backend.typedArrayFromHeap(x);
    const errors = backend.typedArrayFromHeap(dy);
    const sums = new Float64Array(filterHeight * filterWidth * outChannels);
    for (let image = 0; image < batchSize; image++) {
      for (let row = 0; row < outHeight; row++) {
        for (let tapRow = 0; tapRow < filterHeight; tapRow++) {
          const inRow = row * strideHeight + tapRow * dilationHeight - padInfo.top;
          if (inRow < 0 || inRow >= inHeight) continue;
          for (let column = 0; column < outWidth; column++) {
            const at = ((image * outHeight + row) * outWidth + column) * outChannels;
            for (let tapColumn = 0; tapColumn < filterWidth; tapColumn++) {
              const inColumn = column * strideWidth + tapColumn * dilationWidth - padInfo.left;
              if (inColumn < 0 || inColumn >= inWidth) continue;
              const source = ((image * inHeight + inRow) * inWidth + inColumn) * inChannels;
              const tap = (tapRow * filterWidth + tapColumn) * outChannels;
              for (let channel = 0, out = 0; channel < inChannels; channel++) {
                const value = from[source + channel]!;
                for (let m = 0; m < multiplier; m++, out++) sums[tap + out]! += value * errors[at + out]!;
              }
            }
          }
        }
      }
    }
    backend.typedArrayFromHeap(gradient).set(sums);
    return gradient;
  },
);

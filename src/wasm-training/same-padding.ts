import {backend_util, type Conv2DAttrs, type Tensor4D} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  readonly x: Tensor4D;
  readonly filter: Tensor4D;
}

/**
 * The four 2-D convolutions, whose stock kernels return zeros without a word for 'same' padding where the stride steps
 * over input positions that no filter tap sees. The same padding given in numbers is right.
 */
export const samePadding: readonly TrainingKernel[] = [
  withNumericPadding('Conv2D', false),
  withNumericPadding('DepthwiseConv2dNative', true),
  withNumericPadding('FusedConv2D', false),
  withNumericPadding('FusedDepthwiseConv2D', true),
];

function withNumericPadding(kernelName: string, depthwise: boolean): TrainingKernel {
  return replaced<Inputs, Conv2DAttrs>(kernelName, (call, stock) => {
    if (call.attrs.pad !== 'same') return stock(call);
    const {x, filter} = call.inputs;
    const {strides, dilations, dimRoundingMode, dataFormat} = call.attrs;
    const info = backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      'same',
      dimRoundingMode,
      depthwise,
      backend_util.convertConv2DDataFormat(dataFormat),
    );
    const skipsRows = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight < info.inHeight;
    const skipsColumns = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth < info.inWidth;
    if (!skipsRows && !skipsColumns) return stock(call);
    const {top, bottom, left, right} = info.padInfo;
    return stock({
      ...call,
      attrs: {
        ...call.attrs,
        pad: [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
      },
    });
  });
}

import type {Conv2dOp, Conv2dTransposeOp, DepthwiseConv2dOp} from '../../graph/ops/convolution.ts';
import type {Padding, TensorId} from '../../graph/tensor.ts';
import type {ConvolutionPlan, PackedWeights, PixelsGeometry, PixelsKernel} from '../kernels/index.ts';
import {packDepthwise, packPixels, padInput, planConvolution} from '../kernels/index.ts';
import type {Region, Value} from '../value.ts';
import {planeOf, planes} from '../value.ts';
import {activateAfter, boundsOf} from './activate.ts';
import {pixelFormat} from './dense.ts';
import type {Lower, Lowering} from './lowering.ts';

/** A convolution as a matrix product over shifted pixels of planes. */
export const lowerConv2d: Lower<Conv2dOp> = (op, lowering) => {
  const [kh, kw, channels, filters] = op.kernel.shape as [number, number, number, number];
  const matrix = {values: op.kernel.data, inputs: kh * kw * channels, outputs: filters};
  convolve(op, lowering, geometry => packPixels(pixelFormat(matrix), matrix, op.bias?.data, geometry));
};

/** A depthwise convolution: the same with the taps of one channel a row. */
export const lowerDepthwiseConv2d: Lower<DepthwiseConv2dOp> = (op, lowering) => {
  const [, , channels, multiplier] = op.kernel.shape as [number, number, number, number];
  convolve(op, lowering, geometry => packDepthwise(op.kernel.data, channels, multiplier, op.bias?.data, geometry));
};

function convolve(
  op: Conv2dOp | DepthwiseConv2dOp,
  lowering: Lowering,
  pack: (geometry: PixelsGeometry) => PackedWeights<PixelsKernel>,
): void {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {instances} = lowering.tensor(op.inputs[0]!);
  const plan = planOf(x, op.kernel.shape, op.strides, op.dilations, op.padding);
  const scratch = plan.scratchBytes > 0 ? lowering.scratch(plan.scratchBytes) : null;
  const y = outputOf(op.outputs[0]!, lowering, plan);
  const source = {
    data: op.kernel.data,
    variant: JSON.stringify([plan.shape, planeOf(y)]),
    uses: instances * plan.outHeight * plan.outWidth,
  };
  const {region, packed} = lowering.weights(source, () =>
    pack({inputOffsets: plan.inputOffsets, outputStride: planeOf(y)}),
  );
  const {low, high} = boundsOf(op.activation);
  if (scratch !== null) lowering.run('pad', () => undefined);
  lowering.run(packed.kernel, ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      const from = x.region.offset + i * x.instance;
      if (scratch !== null) padInput(kernels, plan, from, scratch.offset);
      const laid = scratch === null ? from : scratch.offset;
      kernels[packed.kernel](region.offset, laid, y.region.offset + i * y.instance, plan.pixels, low, high);
    }
  });
  activateAfter(lowering, y, op.activation, instances);
}

function planOf(
  x: Value,
  kernelShape: readonly number[],
  strides: readonly [number, number],
  dilations: readonly [number, number],
  {top, bottom, left, right}: Padding,
): ConvolutionPlan {
  const [height, width, channels] = x.shape as [number, number, number];
  return planConvolution({
    channels,
    height,
    width,
    kernelHeight: kernelShape[0]!,
    kernelWidth: kernelShape[1]!,
    strides,
    dilations,
    padding: [top, bottom, left, right],
    planeStride: planeOf(x),
    rowStride: x.strides[0]!,
  });
}

function outputOf(id: TensorId, lowering: Lowering, plan: ConvolutionPlan): Value {
  const {shape} = lowering.tensor(id);
  return lowering.write(id, planes(shape, lowering.instancesOf(id), plan.outRow, plan.outPlane));
}

/**
 * A transposed convolution: the input spread out with zeros between its pixels, then an ordinary convolution with the
 * kernel turned round.
 */
export const lowerConv2dTranspose: Lower<Conv2dTransposeOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const [kh, kw, filters] = op.kernel.shape as [number, number, number, number];
  const {top, bottom, left, right} = op.padding;
  const before = [kh - 1 - top, kw - 1 - left] as const;
  const spreadHeight = (height - 1) * op.strides[0] + 1 + before[0] + kh - 1 - bottom;
  const spreadWidth = (width - 1) * op.strides[1] + 1 + before[1] + kw - 1 - right;
  const {bytes, ...spread} = planes([spreadHeight, spreadWidth, channels], 1);
  const scratch: Region = lowering.scratch(bytes);
  const image: Value = {...spread, region: scratch};
  const plan = planOf(image, op.kernel.shape, [1, 1], [1, 1], {top: 0, bottom: 0, left: 0, right: 0});
  const y = outputOf(op.outputs[0]!, lowering, plan);
  const source = {
    data: op.kernel.data,
    variant: JSON.stringify([plan.shape, planeOf(y)]),
    uses: instances * plan.outHeight * plan.outWidth,
  };
  const {region, packed} = lowering.weights(source, () => {
    const matrix = {values: turned(op), inputs: kh * kw * channels, outputs: filters};
    return packPixels(pixelFormat(matrix), matrix, op.bias?.data, {
      inputOffsets: plan.inputOffsets,
      outputStride: planeOf(y),
    });
  });
  const {low, high} = boundsOf(op.activation);
  const start = before[0] * image.strides[0]! + before[1] * 4;
  const [rowStep, columnStep] = [image.strides[0]! * op.strides[0], 4 * op.strides[1]];
  lowering.run('copy', () => undefined);
  lowering.run(packed.kernel, ({kernels}, examples) => {
    kernels.fill(scratch.offset, bytes / 4, 0);
    for (let i = 0; i < examples * instances; i++) {
      const from = x.region.offset + i * x.instance;
      kernels.copy(
        ...([from, scratch.offset + start, channels, height, width] as const),
        ...([planeOf(x), x.strides[0]!, 4, planeOf(image), rowStep, columnStep] as const),
      );
      kernels[packed.kernel](region.offset, scratch.offset, y.region.offset + i * y.instance, plan.pixels, low, high);
    }
  });
  activateAfter(lowering, y, op.activation, instances);
};

/** `[kh, kw, out, in]` as `[kh, kw, in, out]`, turned by half a circle. */
function turned({kernel}: Conv2dTransposeOp): Float32Array {
  const [kh, kw, filters, channels] = kernel.shape as [number, number, number, number];
  const values = new Float32Array(kernel.data.length);
  const taps = kh * kw;
  for (let tap = 0, at = 0; tap < taps; tap++) {
    const target = (taps - 1 - tap) * channels;
    for (let o = 0; o < filters; o++) {
      for (let c = 0; c < channels; c++, at++) values[(target + c) * filters + o] = kernel.data[at]!;
    }
  }
  return values;
}

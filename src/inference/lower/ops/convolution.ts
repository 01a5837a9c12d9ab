import type {Conv2dOp, DepthwiseConv2dOp} from '../../../graph/ops/convolution.ts';
import type {Padding, TensorId} from '../../../graph/tensor.ts';
import type {ConvolutionPlan, PixelsGeometry, PixelsKernel} from '../../kernels/index.ts';
import {packDepthwise, padGeometry, planConvolution} from '../../kernels/index.ts';
import {at, instanceOf} from '../../program/instruction.ts';
import type {Region, Value} from '../../value.ts';
import {planeOf, planes} from '../../value.ts';
import {activateAfter, boundsOf} from '../activate.ts';
import type {Lower, Lowering, Placed} from '../lowering.ts';
import type {Bounds} from '../product.ts';
import {eachImage, pixelProduct} from '../product.ts';
import {matrixOf} from './groups.ts';

/**
 * A convolution as a matrix product over shifted pixels of planes; one whose groups have one input each is depthwise.
 */
export const lowerConv2d: Lower<Conv2dOp> = (op, lowering) => {
  const [kh, kw, each, outputs] = op.kernel.shape as [number, number, number, number];
  if (each === 1 && op.groups > 1) {
    const kernel = {...op.kernel, shape: [kh, kw, op.groups, outputs / op.groups]};
    lowerDepthwiseConv2d({...op, type: 'depthwise-conv2d', kernel}, lowering);
    return;
  }
  const matrix = matrixOf(op, lowering.maxBytes);
  convolve(op, lowering, (plan, geometry, variant) => {
    const uses = lowering.tensor(op.inputs[0]!).instances * plan.outHeight * plan.outWidth;
    const product = {source: op.kernel, matrix, bias: op.bias?.data ?? null, variant, uses};
    return pixelProduct(lowering, product, geometry, plan.pixels);
  });
};

/** A depthwise convolution, channel by channel: scratch holds one laid-out plane. */
export const lowerDepthwiseConv2d: Lower<DepthwiseConv2dOp> = (op, lowering) => {
  const [, , channels, multiplier] = op.kernel.shape as [number, number, number, number];
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {instances} = lowering.tensor(op.inputs[0]!);
  const plan = planOf(x, op.kernel.shape, op.strides, op.dilations, op.padding, 1);
  const scratch = lowering.scratch(plan.scratchBytes);
  const {shape} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, planes(shape, lowering.instancesOf(op.outputs[0]!)));
  const output = {planeStride: planeOf(y), rowStride: y.strides[0]!};
  const {data} = op.kernel;
  const source = {
    data,
    bias: op.bias?.data ?? null,
    variant: `depthwise ${JSON.stringify([plan.shape, output])}`,
    uses: instances * plan.outHeight * plan.outWidth,
  };
  const {region} = lowering.weights(source, data.length, () =>
    packDepthwise(data, channels, multiplier, op.bias?.data, plan, output),
  );
  const {low, high} = boundsOf(op.activation);
  lowering.each(instances, i => {
    const [from, to] = [instanceOf(x, i), instanceOf(y, i)];
    lowering.call('depthwise1x16', at(region), from, to, at(scratch), low, high);
  });
  activateAfter(lowering, y, op.activation, instances);
};

function convolve(
  op: Conv2dOp,
  lowering: Lowering,
  place: (plan: ConvolutionPlan, geometry: PixelsGeometry, variant: string) => Placed<PixelsKernel>,
): void {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {instances} = lowering.tensor(op.inputs[0]!);
  const plan = planOf(x, op.kernel.shape, op.strides, op.dilations, op.padding);
  const scratch = plan.scratchBytes > 0 ? lowering.scratch(plan.scratchBytes) : null;
  const y = outputOf(op.outputs[0]!, lowering, plan);
  const geometry = {inputOffsets: plan.inputOffsets, outputStride: planeOf(y)};
  const placed = place(plan, geometry, JSON.stringify([plan.shape, planeOf(y)]));
  const bounds = boundsOf(op.activation);
  if (scratch === null) eachImage(lowering, placed, x, y, instances, plan.pixels, bounds);
  else padAndMultiply(lowering, plan, placed, x, scratch, y, instances, bounds);
  activateAfter(lowering, y, op.activation, instances);
}

/** Image by image: the input laid out in scratch, then multiplied. */
function padAndMultiply(
  lowering: Lowering,
  plan: ConvolutionPlan,
  {region, kernel}: Placed<PixelsKernel>,
  x: Value,
  scratch: Region,
  y: Value,
  instances: number,
  {low, high}: Bounds,
): void {
  lowering.each(instances, i => {
    for (const phase of plan.phases)
      lowering.call('pad', instanceOf(x, i), at(scratch, phase.at), ...padGeometry(plan, phase));
    lowering.call(kernel, at(region), at(scratch), instanceOf(y, i), plan.pixels, low, high);
  });
}

/** How a convolution of an image that lies like `x` runs. */
export function planOf(
  x: Value,
  kernelShape: readonly number[],
  strides: readonly [number, number],
  dilations: readonly [number, number],
  {top, bottom, left, right}: Padding,
  channels: number = x.shape[2]!,
): ConvolutionPlan {
  const [height, width] = x.shape as [number, number, number];
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

/** Room for what a plan's kernel writes: rows with the gaps it leaves. */
export function outputOf(id: TensorId, lowering: Lowering, plan: ConvolutionPlan): Value {
  const {shape} = lowering.tensor(id);
  return lowering.write(id, planes(shape, lowering.instancesOf(id), plan.outRow, plan.outPlane));
}

import type {Conv2dTransposeOp} from '../../../graph/ops/convolution.ts';
import {NO_PADDING} from '../../../graph/tensor.ts';
import type {PixelsKernel} from '../../kernels/index.ts';
import {at, instanceOf} from '../../program/instruction.ts';
import type {Region, Value} from '../../value.ts';
import {planeOf, planes} from '../../value.ts';
import {activateAfter, boundsOf} from '../activate.ts';
import type {Lower, Lowering, Placed} from '../lowering.ts';
import type {Bounds} from '../product.ts';
import {pixelProduct} from '../product.ts';
import {outputOf, planOf} from './convolution.ts';

/** How the input is spread out: where it begins, and bytes from plane to plane, row to row, pixel to pixel. */
interface Spread {
  readonly scratch: Region;
  readonly start: number;
  readonly plane: number;
  readonly row: number;
  readonly column: number;
}

/**
 * A transposed convolution: the input spread out with zeros between its pixels, then an ordinary convolution with the
 * kernel turned round.
 */
export const lowerConv2dTranspose: Lower<Conv2dTransposeOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const [kh, kw, filters] = op.kernel.shape as [number, number, number];
  const {top, bottom, left, right} = op.padding;
  const [strideRows, strideColumns] = op.strides;
  const spreadHeight = (height - 1) * strideRows + 2 * kh - 1 - top - bottom;
  const spreadWidth = (width - 1) * strideColumns + 2 * kw - 1 - left - right;
  const {bytes, ...arrangement} = planes([spreadHeight, spreadWidth, channels], 1);
  const image: Value = {...arrangement, region: lowering.scratch(bytes)};
  const plan = planOf(image, op.kernel.shape, [1, 1], [1, 1], NO_PADDING);
  const y = outputOf(op.outputs[0]!, lowering, plan);
  const matrix = {values: turned(op), inputs: kh * kw * channels, outputs: filters};
  const uses = instances * plan.outHeight * plan.outWidth;
  const variant = JSON.stringify(['turned', plan.shape, planeOf(y)]);
  const product = {source: op.kernel, matrix, bias: op.bias?.data ?? null, variant, uses};
  const placed = pixelProduct(
    lowering,
    product,
    {inputOffsets: plan.inputOffsets, outputStride: planeOf(y)},
    plan.pixels,
  );
  const row = image.strides[0]!;
  const spread = {
    scratch: image.region,
    start: (kh - 1 - top) * row + (kw - 1 - left) * 4,
    plane: planeOf(image),
    row: row * strideRows,
    column: 4 * strideColumns,
  };
  spreadAndMultiply(lowering, spread, placed, x, y, instances, plan.pixels, boundsOf(op.activation));
  activateAfter(lowering, y, op.activation, instances);
};

function spreadAndMultiply(
  lowering: Lowering,
  {scratch, start, plane, row, column}: Spread,
  {region, kernel}: Placed<PixelsKernel>,
  x: Value,
  y: Value,
  instances: number,
  pixels: number,
  {low, high}: Bounds,
): void {
  const [height, width, channels] = x.shape as [number, number, number];
  const box = [channels, height, width, planeOf(x), x.strides[0]!, 4, plane, row, column] as const;
  lowering.call('fill', at(scratch), scratch.bytes / 4, 0);
  lowering.each(instances, i => {
    lowering.call('copy', instanceOf(x, i), at(scratch, start), ...box);
    lowering.call(kernel, at(region), at(scratch), instanceOf(y, i), pixels, low, high);
  });
}

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

import type {Resize2dOp} from '../../../graph/ops/resize.ts';
import {resizeTable} from '../../kernels/index.ts';
import {at, instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, planeOf, planes} from '../../value.ts';
import {copyInstances} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';

/** An image at another size: each pixel several times where that is all, else by tables of what lies where. */
export const lowerResize2d: Lower<Resize2dOp> = (op, lowering) => {
  if (repeatsPixels(op, lowering)) repeatPixels(op, lowering);
  else interpolate(op, lowering);
};

function repeatsPixels(op: Resize2dOp, lowering: Lowering): boolean {
  const [height, width] = lowering.tensor(op.inputs[0]!).shape as [number, number];
  const whole = op.size[0] % height === 0 && op.size[1] % width === 0;
  return op.interpolation === 'nearest' && whole && !op.alignCorners;
}

/** A row of the input is several rows of the output, and so on: five dimensions, two of which the input repeats. */
function repeatPixels(op: Resize2dOp, lowering: Lowering): void {
  const x = lowering.read(op.inputs[0]!, 'any');
  const y = outputOf(op, lowering, x);
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const [rows, columns] = [op.size[0] / height, op.size[1] / width];
  const from = {start: 0, strides: [x.strides[0]!, 0, x.strides[1]!, 0, x.strides[2]!]};
  const [row, column, channel] = y.strides as [number, number, number];
  const to = {start: 0, strides: [row * rows, row, column * columns, column, channel]};
  copyInstances(lowering, [height, rows, width, columns, channels], x, y, from, to, instances);
}

function interpolate(op: Resize2dOp, lowering: Lowering): void {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const y = outputOf(op, lowering, x);
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const rows = lowering.constant(resizeTable(height, op.size[0], x.strides[0]!, op));
  const columns = lowering.constant(resizeTable(width, op.size[1], 4, op));
  lowering.each(instances, i => {
    lowering.call(
      ...(['resize', instanceOf(x, i), instanceOf(y, i), channels, planeOf(x)] as const),
      ...([op.size[0], op.size[1], planeOf(y), y.strides[0]!, at(rows), at(columns)] as const),
    );
  });
}

function outputOf(op: Resize2dOp, lowering: Lowering, x: Value): Value {
  const output = op.outputs[0]!;
  const make = x.layout === 'planes' ? planes : flat;
  return lowering.write(output, make(lowering.tensor(output).shape, lowering.instancesOf(output)));
}

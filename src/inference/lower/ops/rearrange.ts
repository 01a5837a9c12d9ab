import type {PadOp} from '../../../graph/ops/pad.ts';
import {imagePaddingOf} from '../../../graph/ops/pad.ts';
import type {RepeatOp, ReshapeOp, ReverseOp, TransposeOp} from '../../../graph/ops/rearrange.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {alignedBytes} from '../../kernels/index.ts';
import type {Linear} from '../../program/instruction.ts';
import {along, at, instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, planes, rowMajor} from '../../value.ts';
import {copyInstances} from '../copy.ts';
import type {Lower} from '../lowering.ts';
import {unsupportedOp} from '../unsupported.ts';

/** The same bytes under another shape; a copy where time steps become instances whose rows need padding. */
export const lowerReshape: Lower<ReshapeOp> = (op, lowering) => {
  const [input, output] = [op.inputs[0]!, op.outputs[0]!];
  const x = lowering.read(input, 'flat');
  const {shape, instances} = lowering.tensor(output);
  const given = lowering.tensor(input).instances;
  if (instances === given) {
    lowering.alias(output, {...x, shape, strides: rowMajor(shape, 4)});
    return;
  }
  const arrangement = flat(shape, lowering.instancesOf(output));
  const size = sizeOf(shape) * 4;
  if (arrangement.instance === size && x.instance === sizeOf(x.shape) * 4 && alignedBytes(size) === size) {
    const {bytes: _, ...rest} = arrangement;
    lowering.alias(output, {...rest, region: x.region});
    return;
  }
  const y = lowering.write(output, arrangement);
  // The side of fewer instances holds several of the other in each: copy by the smaller ones.
  const few = Math.min(instances, given);
  const parts = Math.max(instances, given) / few;
  const part = Math.min(size, sizeOf(x.shape) * 4);
  lowering.each(few, i => {
    lowering.loop(parts, k => {
      const placeIn = (value: Value, count: number): Linear =>
        count === few
          ? along(instanceOf(value, i), k, part)
          : along(along(at(value.region), i, parts * value.instance), k, value.instance);
      lowering.call('move', placeIn(x, given), placeIn(y, instances), part / 4);
    });
  });
};

/** Dimensions in another order. */
export const lowerTranspose: Lower<TransposeOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'any');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const from = {start: 0, strides: op.permutation.map(axis => x.strides[axis]!)};
  copyInstances(lowering, shape, x, y, from, {start: 0, strides: y.strides}, instances);
};

/** Zeros around an image, or a part of it. */
export const lowerPad: Lower<PadOp> = (op, lowering) => {
  const padding = imagePaddingOf(op);
  if (padding === null) throw unsupportedOp(op);
  const x = lowering.read(op.inputs[0]!, 'any');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const make = x.layout === 'planes' ? planes : flat;
  const arrangement = make(shape, lowering.instancesOf(op.outputs[0]!));
  const y = lowering.write(op.outputs[0]!, arrangement);
  const {top, bottom, left, right} = padding;
  const grown = Math.max(top, bottom, left, right) > 0;
  const height = x.shape[0]! + Math.min(0, top) + Math.min(0, bottom);
  const width = x.shape[1]! + Math.min(0, left) + Math.min(0, right);
  const start = (strides: readonly number[], rows: number, columns: number): number =>
    Math.max(0, rows) * strides[0]! + Math.max(0, columns) * strides[1]!;
  const from = {start: start(x.strides, -top, -left), strides: x.strides};
  const to = {start: start(y.strides, top, left), strides: y.strides};
  if (grown) lowering.call('fill', at(y.region), lowering.perExample((instances * y.instance) / 4), 0);
  copyInstances(lowering, [height, width, x.shape[2]!], x, y, from, to, instances);
};

/** A vector several times. */
export const lowerRepeat: Lower<RepeatOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'flat');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const from = {start: 0, strides: [0, ...x.strides]};
  copyInstances(lowering, shape, x, y, from, {start: 0, strides: y.strides}, instances);
};

/** The first dimension from behind. */
export const lowerReverse: Lower<ReverseOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'flat');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const [step, ...rest] = x.strides as [number, ...number[]];
  const from = {start: (shape[0]! - 1) * step, strides: [-step, ...rest]};
  copyInstances(lowering, shape, x, y, from, {start: 0, strides: y.strides}, instances);
};

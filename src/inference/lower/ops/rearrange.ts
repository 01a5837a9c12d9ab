import type {RepeatOp, ReshapeOp, ReverseOp, TransposeOp} from '../../../graph/ops/rearrange.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {alignedBytes} from '../../kernels/index.ts';
import type {Linear} from '../../program/instruction.ts';
import {along, at, instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, rowMajor} from '../../value.ts';
import {copyInstances} from '../copy.ts';
import type {Lower} from '../lowering.ts';

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

import type {PadOp} from '../../../graph/ops/pad.ts';
import type {Shape} from '../../../graph/tensor.ts';
import {at} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, planes} from '../../value.ts';
import {copyInstances} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';

/** Places put around a tensor, or cut off: the part that stays is copied, then what is around it filled or mirrored. */
export const lowerPad: Lower<PadOp> = (op, lowering) => {
  const {before, after, mode, value} = op;
  const x = lowering.read(op.inputs[0]!, 'any');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const make = x.layout === 'planes' ? planes : flat;
  const y = lowering.write(op.outputs[0]!, make(shape, lowering.instancesOf(op.outputs[0]!)));
  const grows = [...before, ...after].some(places => places > 0);
  const kept = x.shape.map((size, axis) => size + Math.min(0, before[axis]!) + Math.min(0, after[axis]!));
  if (grows && mode === 'constant')
    lowering.call('fill', at(y.region), lowering.perExample((instances * y.instance) / 4), value);
  const cut = before.map(places => Math.max(0, -places));
  const put = before.map(places => Math.max(0, places));
  const from = {start: offsetOf(x, cut), strides: x.strides};
  copyInstances(lowering, kept, x, y, from, {start: offsetOf(y, put), strides: y.strides}, instances);
  if (mode !== 'constant') mirror(op, lowering, y, kept, instances);
};

function offsetOf({strides}: Value, places: readonly number[]): number {
  return places.reduce((bytes, place, axis) => bytes + place * strides[axis]!, 0);
}

/** Axis by axis, each with what the axes before have put on. */
function mirror({before, mode}: PadOp, lowering: Lowering, y: Value, kept: Shape, instances: number): void {
  const skipped = mode === 'reflect' ? 1 : 0;
  const whole = [...kept];
  const start = before.map(places => Math.max(0, places));
  y.shape.forEach((size, axis) => {
    const [first, behind] = [start[axis]!, start[axis]! + kept[axis]!];
    const copy = (places: number, to: number, from: number): void => {
      if (places <= 0) return;
      const box = whole.map((extent, i) => (i === axis ? places : extent));
      const at = (place: number): number =>
        offsetOf(
          y,
          start.map((own, i) => (i === axis ? place : own)),
        );
      const strides = y.strides.map((stride, i) => (i === axis ? -stride : stride));
      const ends = [
        {start: at(from), strides},
        {start: at(to), strides: y.strides},
      ] as const;
      copyInstances(lowering, box, y, y, ...ends, instances);
    };
    // Place `first - 1 - i` shows `first + skipped + i`, place `behind + i` shows `behind - 1 - skipped - i`.
    copy(first, 0, 2 * first + skipped - 1);
    copy(size - behind, behind, behind - 1 - skipped);
    whole[axis] = size;
    start[axis] = 0;
  });
}

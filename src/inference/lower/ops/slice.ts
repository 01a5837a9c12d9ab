import type {SliceOp} from '../../../graph/ops/slice.ts';
import {flat, planes} from '../../value.ts';
import {copyInstances} from '../copy.ts';
import type {Lower} from '../lowering.ts';

/** Part of a tensor, in its layout. */
export const lowerSlice: Lower<SliceOp> = ({begin, strides, inputs, outputs}, lowering) => {
  const x = lowering.read(inputs[0]!, 'any');
  const {shape, instances} = lowering.tensor(outputs[0]!);
  const make = x.layout === 'planes' ? planes : flat;
  const y = lowering.write(outputs[0]!, make(shape, lowering.instancesOf(outputs[0]!)));
  const start = begin.reduce((bytes, place, axis) => bytes + place * x.strides[axis]!, 0);
  const from = {start, strides: x.strides.map((bytes, axis) => bytes * strides[axis]!)};
  copyInstances(lowering, shape, x, y, from, {start: 0, strides: y.strides}, instances);
};

import type {ConcatOp, DotOp, MergeOp} from '../../../graph/ops/merge.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import {equalShapes} from '../../../graph/tensor.ts';
import {BINARY, UNARY} from '../../kernels/index.ts';
import {instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, planeOf, planes} from '../../value.ts';
import {activate, floatsOf} from '../activate.ts';
import {combine, isPlanar} from '../broadcast.ts';
import {copyInstances} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';

const CODES: {readonly [K in MergeOp['kind']]: number} = {
  add: BINARY.add,
  average: BINARY.add,
  divide: BINARY.divide,
  maximum: BINARY.maximum,
  minimum: BINARY.minimum,
  multiply: BINARY.multiply,
  power: BINARY.power,
  'squared-difference': BINARY.squaredDifference,
  subtract: BINARY.subtract,
};

/** Element by element over all inputs, in planes where one of them is. */
export const lowerMerge: Lower<MergeOp> = (op, lowering) => {
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const inPlanes = shape.length > 1 && op.inputs.some(id => lowering.read(id, 'any').layout === 'planes');
  const values = op.inputs.map(id => operandOf(lowering, id, inPlanes));
  const y = outputOf(op, lowering, values, inPlanes);
  const code = CODES[op.kind];
  combine(lowering, code, values[0]!, values[1]!, y, instances);
  for (const value of values.slice(2)) combine(lowering, code, y, value, y, instances);
  if (op.kind === 'average') scale(lowering, y, 1 / op.inputs.length, instances);
  activate(lowering, y, op.activation, instances);
};

function operandOf(lowering: Lowering, id: TensorId, inPlanes: boolean): Value {
  const {shape} = lowering.tensor(id);
  if (!inPlanes || shape.length < 2) return lowering.read(id, 'flat');
  return lowering.read(id, isPlanar(shape) ? 'planes' : 'any');
}

/** The place of one of two different inputs where that can be, else room like that of an input of its shape. */
function outputOf(op: MergeOp, lowering: Lowering, values: readonly Value[], inPlanes: boolean): Value {
  const output = op.outputs[0]!;
  const {shape} = lowering.tensor(output);
  const layout = inPlanes ? 'planes' : 'flat';
  const alike = values.filter(value => value.layout === layout && equalShapes(value.shape, shape));
  if (values.length === 2 && op.inputs[0] !== op.inputs[1]) {
    for (const value of alike) {
      const own = lowering.overwrite(output, value, op.inputs[values.indexOf(value)]!);
      if (own !== null) return own;
    }
  }
  const [like] = alike;
  const count = lowering.instancesOf(output);
  if (!inPlanes) return lowering.write(output, flat(shape, count));
  const lies = like === undefined ? ([] as const) : ([like.strides[0]!, planeOf(like)] as const);
  return lowering.write(output, planes(shape, count, ...lies));
}

function scale(lowering: Lowering, value: Value, factor: number, instances: number): void {
  lowering.each(instances, i => {
    const place = instanceOf(value, i);
    lowering.call('unary', UNARY.affine, place, place, floatsOf(value), factor, 0);
  });
}

/** One after the other: whole planes where channels are joined, else boxes. */
export const lowerConcat: Lower<ConcatOp> = (op, lowering) => {
  const output = op.outputs[0]!;
  const {shape, instances} = lowering.tensor(output);
  const inPlanes = shape.length > 1 && op.inputs.some(id => lowering.read(id, 'any').layout === 'planes');
  const make = inPlanes ? planes : flat;
  const values = op.inputs.map(id => lowering.read(id, inPlanes ? 'planes' : 'flat'));
  const y = lowering.write(output, make(shape, lowering.instancesOf(output)));
  let start = 0;
  for (const value of values) {
    const from = {start: 0, strides: value.strides};
    const to = {start, strides: y.strides};
    copyInstances(lowering, value.shape, value, y, from, to, instances);
    start += value.shape[op.axis]! * y.strides[op.axis]!;
  }
};

/** Sums of products, by plain loops: small wherever it is used. */
export const lowerDot: Lower<DotOp> = (op, lowering) => {
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const a = lowering.read(op.inputs[0]!, 'flat');
  const b = lowering.read(op.inputs[1]!, 'flat');
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const rows = vectorsOf(a, op.axes[0]);
  const columns = vectorsOf(b, op.axes[1]);
  const w = columns;
  const normalize = op.normalize ? 1 : 0;
  lowering.each(instances, i => {
    const [p, q, r] = [instanceOf(a, i), instanceOf(b, i), instanceOf(y, i)];
    const vectors = [rows.count, w.count, rows.size, rows.next, rows.step, w.next, w.step, normalize] as const;
    lowering.call('dot', p, q, r, ...vectors);
  });
};

/** The vectors along one axis of a matrix or vector in graph order: how many, their size, and steps in bytes. */
interface Vectors {
  readonly count: number;
  readonly next: number;
  readonly size: number;
  readonly step: number;
}

function vectorsOf({shape, strides}: Value, axis: number): Vectors {
  const other = shape.length === 2 ? 1 - axis : -1;
  return {
    count: other < 0 ? 1 : shape[other]!,
    next: other < 0 ? 0 : strides[other]!,
    size: shape[axis]!,
    step: strides[axis]!,
  };
}

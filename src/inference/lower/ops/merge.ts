import type {ConcatOp, DotOp, MergeOp} from '../../../graph/ops/merge.ts';
import type {Shape} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {BINARY, UNARY} from '../../kernels/index.ts';
import {instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, planeFloats, planeOf, planes} from '../../value.ts';
import {activate, floatsOf} from '../activate.ts';
import {combine, stretched} from '../broadcast.ts';
import {copyInstances} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';
import {unsupportedOp} from '../unsupported.ts';

const CODES: {readonly [K in MergeOp['kind']]?: number} = {
  add: BINARY.add,
  average: BINARY.add,
  maximum: BINARY.maximum,
  minimum: BINARY.minimum,
  multiply: BINARY.multiply,
  subtract: BINARY.subtract,
};

/** Element by element over all inputs. */
export const lowerMerge: Lower<MergeOp> = (op, lowering) => {
  const output = op.outputs[0]!;
  const {shape, instances} = lowering.tensor(output);
  const shapes = op.inputs.map(id => lowering.tensor(id).shape);
  const same = shapes.every(other => isSame(other, shape));
  const code = CODES[op.kind];
  if (code === undefined) throw unsupportedOp(op);
  let y: Value;
  if (!same && op.inputs.length === 2 && isPerChannel(shape, shapes)) {
    y = perChannel(op, lowering, code);
  } else {
    const layout = same ? commonLayout(op, lowering) : 'flat';
    const values = op.inputs.map(id => lowering.read(id, layout));
    const wide = values.map(value => stretched(lowering, value, shape, lowering.instancesOf(output), instances));
    const make = layout === 'planes' ? planes : flat;
    // Two different inputs: the first may be overwritten as it is read.
    const own =
      same && op.inputs.length === 2 && op.inputs[0] !== op.inputs[1]
        ? lowering.overwrite(output, values[0]!, op.inputs[0]!)
        : null;
    y = own ?? lowering.write(output, make(shape, lowering.instancesOf(output)));
    combine(lowering, code, wide[0]!, wide[1]!, y, instances);
    for (const value of wide.slice(2)) combine(lowering, code, y, value, y, instances);
  }
  if (op.kind === 'average') scale(lowering, y, 1 / op.inputs.length, instances);
  activate(lowering, y, op.activation, instances);
};

function isSame(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function commonLayout(op: MergeOp, lowering: Lowering): 'flat' | 'planes' {
  const {shape} = lowering.tensor(op.outputs[0]!);
  return shape.length > 1 && op.inputs.some(id => lowering.read(id, 'any').layout === 'planes') ? 'planes' : 'flat';
}

/** An image and one number a channel: squeeze-and-excite. */
function isPerChannel(shape: Shape, shapes: readonly Shape[]): boolean {
  const [a, b] = shapes as [Shape, Shape];
  return isSame(a, shape) && shape.length > 1 && b.at(-1) === shape.at(-1) && sizeOf(b) === b.at(-1);
}

function perChannel(op: MergeOp, lowering: Lowering, code: number): Value {
  const output = op.outputs[0]!;
  const {shape, instances} = lowering.tensor(output);
  const a = lowering.read(op.inputs[0]!, 'planes');
  const b = lowering.read(op.inputs[1]!, 'flat');
  const own = lowering.overwrite(output, a, op.inputs[0]!);
  const y = own ?? lowering.write(output, planes(shape, lowering.instancesOf(output), a.strides[0], planeOf(a)));
  const channels = shape.at(-1)!;
  lowering.each(instances, i => {
    const [p, q, r] = [instanceOf(a, i), instanceOf(b, i), instanceOf(y, i)];
    lowering.call('binary', code, p, q, r, channels, planeFloats(a), planeOf(a), 4, planeOf(y), 2);
  });
  return y;
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
  const {instances} = lowering.tensor(op.inputs[0]!);
  const a = lowering.read(op.inputs[0]!, 'flat');
  const b = lowering.read(op.inputs[1]!, 'flat');
  const {shape} = lowering.tensor(op.outputs[0]!);
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

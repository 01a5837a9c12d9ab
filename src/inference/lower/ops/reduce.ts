import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {poolsImage} from '../../../graph/ops/reduce.ts';
import {REDUCE} from '../../kernels/index.ts';
import type {Linear} from '../../program/instruction.ts';
import {along, at, instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat, isCompact, planes, rowMajor} from '../../value.ts';
import {copyBox} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';
import {lowerGlobalPool} from './pooling.ts';

/**
 * One dimension of the input as it lies: elements, bytes from one to the next there and, where it is kept, in the
 * output.
 */
interface Dimension {
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly reduced: boolean;
}

/**
 * Reduction over any axes, wherever they lie: along rows, or down columns, one group of neighbouring axes after the
 * other.
 */
export const lowerReduce: Lower<ReduceOp> = (op, lowering) => {
  const [input, output] = [op.inputs[0]!, op.outputs[0]!];
  const x = lowering.read(input, lowering.tensor(input).shape.length > 1 ? 'any' : 'flat');
  const kept = x.shape.map((_, axis) => axis).filter(axis => !op.axes.includes(axis));
  if (!isCompact(x) && poolsImage(op, x.shape) && (op.kind === 'max' || op.kind === 'mean')) {
    lowerGlobalPool(op, lowering);
    return;
  }
  const channel = x.shape.length - 1;
  const inPlanes = x.layout === 'planes' && kept.includes(channel) && kept.some(axis => axis !== channel);
  const {shape, instances} = lowering.tensor(output);
  const y = lowering.write(output, (inPlanes ? planes : flat)(shape, lowering.instancesOf(output)));
  const order = x.shape.map((_, axis) => axis);
  if (x.layout === 'planes') order.unshift(order.pop()!);
  const dimensions = merged(order.map(axis => dimensionOf(op, x, y, axis, kept)));
  lowering.each(instances, i => {
    reduceAll(lowering, REDUCE[op.kind], dimensions, instanceOf(x, i), instanceOf(y, i));
  });
};

function dimensionOf(op: ReduceOp, x: Value, y: Value, axis: number, kept: readonly number[]): Dimension {
  const reduced = op.axes.includes(axis);
  const place = op.keepDims ? axis : kept.indexOf(axis);
  return {size: x.shape[axis]!, x: x.strides[axis]!, y: reduced ? 0 : y.strides[place]!, reduced};
}

/** Those that follow one another at both ends made one, those of one element left out. */
function merged(all: readonly Dimension[]): Dimension[] {
  const dimensions: Dimension[] = [];
  for (const dimension of all) {
    if (dimension.size === 1) continue;
    const last = dimensions.at(-1);
    const {size, x, y, reduced} = dimension;
    if (last?.reduced === reduced && last.x === x * size && last.y === y * size)
      dimensions[dimensions.length - 1] = {...dimension, size: last.size * size};
    else dimensions.push(dimension);
  }
  return dimensions;
}

/** Reduces the innermost group first, what it leaves to scratch, and so on outwards. */
function reduceAll(lowering: Lowering, code: number, dimensions: readonly Dimension[], x: Linear, y: Linear): void {
  const group = dimensions.map(dimension => dimension.reduced).lastIndexOf(true);
  if (group < 0) {
    const [sizes, from, to] = [dimensions.map(d => d.size), dimensions.map(d => d.x), dimensions.map(d => d.y)];
    copyBox(lowering, sizes, x, y, from, to);
    return;
  }
  const left = dimensions.filter((_, i) => i !== group);
  if (!left.some(dimension => dimension.reduced)) {
    reduceGroup(lowering, code, dimensions, group, x, y);
    return;
  }
  const sizes = left.map(dimension => dimension.size);
  const strides = rowMajor(sizes, 4);
  const room = lowering.scratch(sizes.reduce((product, size) => product * size, 4));
  const between = dimensions.map((dimension, i) => ({
    ...dimension,
    y: i === group ? 0 : strides[left.indexOf(dimension)]!,
  }));
  reduceGroup(lowering, code, between, group, x, at(room));
  reduceAll(lowering, code, merged(left.map((dimension, i) => ({...dimension, x: strides[i]!}))), at(room), y);
}

/** Reduces one group: along rows where it is the last, else down the columns of those behind it. */
function reduceGroup(
  lowering: Lowering,
  code: number,
  dimensions: readonly Dimension[],
  group: number,
  x: Linear,
  y: Linear,
): void {
  const {size, x: step} = dimensions[group]!;
  const others = dimensions.filter((_, i) => i !== group);
  const alongRows = group === dimensions.length - 1 && step === 4;
  // What the kernel goes over itself: rows at any distance, or columns side by side.
  const inner = others.at(-1);
  const taken = inner !== undefined && (alongRows || (inner.x === 4 && inner.y === 4));
  const outer = taken ? others.slice(0, -1) : others;
  const count = taken ? inner.size : 1;
  const walk = ([first, ...rest]: readonly Dimension[], from: Linear, to: Linear): void => {
    if (first !== undefined)
      lowering.loop(first.size, turn => walk(rest, along(from, turn, first.x), along(to, turn, first.y)));
    else if (alongRows) lowering.call('reduce', code, from, to, count, size, inner?.x ?? 0, inner?.y ?? 0);
    else lowering.call('reduceColumns', code, from, to, size, count, step);
  };
  walk(outer, x, y);
}

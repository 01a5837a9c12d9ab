import type {Shape} from '../../graph/tensor.ts';
import type {Emitter} from '../program/emitter.ts';
import type {Linear} from '../program/instruction.ts';
import {after, along, at, instanceOf} from '../program/instruction.ts';
import type {Value} from '../value.ts';
import {isCompact, planeFloats, planeOf} from '../value.ts';

/** One end of a copy: byte strides for each dimension, and bytes to the first element. */
export interface End {
  readonly start: number;
  readonly strides: readonly number[];
}

/** One dimension of a box: elements, and bytes from one to the next at both ends. */
interface Dimension {
  readonly size: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Copies `shape` elements between any strides, for each of `instances` instances an example: padding, cropping,
 * transposing, repeating and joining are all this.
 */
export function copyInstances(
  emitter: Emitter,
  shape: Shape,
  from: Value,
  to: Value,
  x: End,
  y: End,
  instances: number,
): void {
  emitter.each(instances, i => {
    const source = after(instanceOf(from, i), x.start);
    copyBox(emitter, shape, source, after(instanceOf(to, i), y.start), x.strides, y.strides);
  });
}

/** Copies `shape` elements between any byte strides. */
export function copyBox(
  emitter: Emitter,
  shape: Shape,
  from: Linear,
  to: Linear,
  x: readonly number[],
  y: readonly number[],
): void {
  const dimensions = merged(shape, x, y);
  const [a, b, c] = dimensions.slice(-3) as [Dimension, Dimension, Dimension];
  const walk = ([first, ...rest]: readonly Dimension[], p: Linear, q: Linear): void => {
    if (first === undefined) emitter.call('copy', p, q, a.size, b.size, c.size, a.x, b.x, c.x, a.y, b.y, c.y);
    else emitter.loop(first.size, turn => walk(rest, along(p, turn, first.x), along(q, turn, first.y)));
  };
  walk(dimensions.slice(0, -3), from, to);
}

/** The same tensor in another layout. */
export function copyValue(emitter: Emitter, from: Value, to: Value, instances: number): void {
  if (from.layout !== to.layout && transpose(emitter, from, to, instances)) return;
  const x = {start: 0, strides: from.strides};
  const y = {start: 0, strides: to.strides};
  copyInstances(emitter, from.shape, from, to, x, y, instances);
}

/**
 * Channels last and channels first are one matrix and its transpose, where rows have no gaps; false where they are not.
 */
function transpose(emitter: Emitter, from: Value, to: Value, instances: number): boolean {
  const channels = from.shape.at(-1) ?? 1;
  if (from.layout === 'columns' || to.layout === 'columns') {
    const wide = from.layout === 'columns' ? from : to;
    const tall = from.layout === 'columns' ? to : from;
    if (tall.shape.length !== 1) return false;
    const vectors = emitter.perExample(instances);
    const [rows, columns] = from === wide ? [channels, vectors] : [vectors, channels];
    const stride = (value: Value): number => (value === wide ? value.strides[0]! : value.instance);
    emitter.call('transpose', at(from.region), at(to.region), rows, columns, stride(from), stride(to));
    return true;
  }
  const inPlanes = from.layout === 'planes' ? from : to;
  const whole = isCompact(inPlanes);
  const rows = whole ? 1 : inPlanes.shape[0]!;
  const pixels = whole ? planeFloats(inPlanes) : inPlanes.shape[1]!;
  const [planesRow, flatRow] = [inPlanes.strides[0]!, pixels * channels * 4];
  const plane = planeOf(inPlanes);
  emitter.each(instances, i => {
    emitter.loop(rows, row => {
      const x = along(instanceOf(from, i), row, from === inPlanes ? planesRow : flatRow);
      const y = along(instanceOf(to, i), row, from === inPlanes ? flatRow : planesRow);
      if (from === inPlanes) emitter.call('transpose', x, y, channels, pixels, plane, channels * 4);
      else emitter.call('transpose', x, y, pixels, channels, channels * 4, plane);
    });
  });
  return true;
}

/**
 * The dimensions of a box, those that follow one another at both ends made one; at least three. The kernel does the
 * last three: consecutive numbers innermost, then the longest.
 */
function merged(shape: Shape, x: readonly number[], y: readonly number[]): Dimension[] {
  const dimensions: Dimension[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const last = dimensions.at(-1);
    if (last !== undefined && last.x === x[i]! * size && last.y === y[i]! * size) {
      dimensions[dimensions.length - 1] = {size: last.size * size, x: x[i]!, y: y[i]!};
    } else dimensions.push({size, x: x[i]!, y: y[i]!});
  });
  const whole = (dimension: Dimension): number => (dimension.x === 4 && dimension.y === 4 ? 1 : 0);
  dimensions.sort((a, b) => whole(a) - whole(b) || a.size - b.size);
  while (dimensions.length < 3) dimensions.unshift({size: 1, x: 0, y: 0});
  return dimensions;
}

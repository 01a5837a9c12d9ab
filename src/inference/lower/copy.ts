import type {Shape} from '../../graph/tensor.ts';
import type {Value} from '../value.ts';
import {isCompact, planeFloats, planeOf} from '../value.ts';
import type {Machine, Run} from './machine.ts';

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
export function copyBox(shape: Shape, from: Value, to: Value, x: End, y: End, instances: number): Run {
  const dimensions = merged(shape, x.strides, y.strides);
  const [a, b, c] = dimensions.slice(-3) as [Dimension, Dimension, Dimension];
  const outer = dimensions.slice(0, -3);
  const turns = outer.reduce((product, {size}) => product * size, 1);
  return ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      const source = from.region.offset + i * from.instance + x.start;
      const target = to.region.offset + i * to.instance + y.start;
      for (let turn = 0; turn < turns; turn++) {
        let [p, q, rest] = [source, target, turn];
        for (const {size, x, y} of outer) {
          p += (rest % size) * x;
          q += (rest % size) * y;
          rest = Math.floor(rest / size);
        }
        kernels.copy(p, q, a.size, b.size, c.size, a.x, b.x, c.x, a.y, b.y, c.y);
      }
    }
  };
}

/** The same tensor in another layout. */
export function copyValue(from: Value, to: Value, instances: number): Run {
  if (from.layout !== to.layout) {
    const fast = transposition(from, to, instances);
    if (fast !== null) return fast;
  }
  const x = {start: 0, strides: from.strides};
  const y = {start: 0, strides: to.strides};
  return copyBox(from.shape, from, to, x, y, instances);
}

/** Channels last and channels first are one matrix and its transpose, where rows have no gaps. */
function transposition(from: Value, to: Value, instances: number): Run | null {
  const channels = from.shape.at(-1) ?? 1;
  const loops = (body: (machine: Machine, x: number, y: number) => void): Run => {
    return (machine, examples) => {
      for (let i = 0; i < examples * instances; i++)
        body(machine, from.region.offset + i * from.instance, to.region.offset + i * to.instance);
    };
  };
  if (from.layout === 'columns' || to.layout === 'columns') {
    const wide = from.layout === 'columns' ? from : to;
    const tall = from.layout === 'columns' ? to : from;
    if (tall.shape.length !== 1) return null;
    return ({kernels}, examples) => {
      const rows = from === wide ? channels : examples * instances;
      const columns = from === wide ? examples * instances : channels;
      const stride = (value: Value): number => (value === wide ? value.strides[0]! : value.instance);
      kernels.transpose(from.region.offset, to.region.offset, rows, columns, stride(from), stride(to));
    };
  }
  const inPlanes = from.layout === 'planes' ? from : to;
  const whole = isCompact(inPlanes);
  const rows = whole ? 1 : inPlanes.shape[0]!;
  const pixels = whole ? planeFloats(inPlanes) : inPlanes.shape[1]!;
  const [planesRow, flatRow] = [inPlanes.strides[0]!, pixels * channels * 4];
  const plane = planeOf(inPlanes);
  return loops(({kernels}, x, y) => {
    for (let row = 0; row < rows; row++) {
      if (inPlanes === from) {
        kernels.transpose(x + row * planesRow, y + row * flatRow, channels, pixels, plane, channels * 4);
      } else kernels.transpose(x + row * flatRow, y + row * planesRow, pixels, channels, channels * 4, plane);
    }
  });
}

/**
 * The dimensions of a box, those that follow one another at both ends made one; at least three. The kernel does the last
 * three: consecutive numbers innermost, then the longest.
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

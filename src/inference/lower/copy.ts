import type {Shape} from '../../graph/tensor.ts';
import type {Value} from '../value.ts';
import {isCompact, planeFloats, planeOf} from '../value.ts';
import type {Machine, Run} from './lowering.ts';

/** One end of a copy: byte strides for each dimension, and bytes to the first element. */
export interface End {
  readonly start: number;
  readonly strides: readonly number[];
}

/** A box copy with at most three dimensions for the kernel, and loops around it for the rest. */
interface Box {
  readonly outer: readonly (readonly [x: number, y: number])[];
  readonly counts: readonly [number, number, number];
  readonly xStrides: readonly [number, number, number];
  readonly yStrides: readonly [number, number, number];
}

/**
 * Copies `shape` elements between any strides, for each of `instances` instances an example: padding, cropping,
 * transposing, repeating and joining are all this.
 */
export function copyBox(shape: Shape, from: Value, to: Value, x: End, y: End, instances: number): Run {
  const box = boxOf(shape, x.strides, y.strides);
  const [n0, n1, n2] = box.counts;
  const [x0, x1, x2] = box.xStrides;
  const [y0, y1, y2] = box.yStrides;
  return ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      const source = from.region.offset + i * from.instance + x.start;
      const target = to.region.offset + i * to.instance + y.start;
      for (const [dx, dy] of box.outer) kernels.copy(source + dx, target + dy, n0, n1, n2, x0, x1, x2, y0, y1, y2);
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

/** Merges dimensions that follow one another at both ends, so that the kernel's three go a long way. */
function boxOf(shape: Shape, x: readonly number[], y: readonly number[]): Box {
  const dims: {size: number; x: number; y: number}[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const last = dims.at(-1);
    if (last !== undefined && last.x === x[i]! * size && last.y === y[i]! * size) {
      dims[dims.length - 1] = {size: last.size * size, x: x[i]!, y: y[i]!};
    } else dims.push({size, x: x[i]!, y: y[i]!});
  });
  while (dims.length < 3) dims.unshift({size: 1, x: 0, y: 0});
  // The kernel is fastest when consecutive numbers are innermost at both ends.
  const inner = dims.findIndex(dim => dim.x === 4 && dim.y === 4);
  if (inner >= 0) dims.push(...dims.splice(inner, 1));
  const [a, b, c] = dims.slice(-3) as [(typeof dims)[0], (typeof dims)[0], (typeof dims)[0]];
  let outer: (readonly [number, number])[] = [[0, 0]];
  for (const dim of dims.slice(0, -3)) {
    outer = outer.flatMap(([dx, dy]) =>
      Array.from({length: dim.size}, (_, i) => [dx + i * dim.x, dy + i * dim.y] as const),
    );
  }
  return {outer, counts: [a.size, b.size, c.size], xStrides: [a.x, b.x, c.x], yStrides: [a.y, b.y, c.y]};
}

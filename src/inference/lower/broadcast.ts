import type {Shape} from '../../graph/tensor.ts';
import type {Linear} from '../program/instruction.ts';
import {along, instanceOf} from '../program/instruction.ts';
import type {Value} from '../value.ts';
import {planeFloats} from '../value.ts';
import type {Lowering} from './lowering.ts';

/** One dimension of a result: elements, and bytes from one to the next in both operands and in the result. */
interface Dimension {
  readonly size: number;
  readonly strides: readonly [a: number, b: number, y: number];
}

/** Whether an operand changes both along pixels and along channels: beside planes it must lie in planes too. */
export function isPlanar(shape: Shape): boolean {
  return shape.length > 1 && shape.at(-1)! > 1 && shape.slice(0, -1).some(size => size > 1);
}

/**
 * `y = op(a, b)` element by element. Operands are stretched to the shape of `y` as they are read: a stride of 0 repeats
 * what it leads over. `y` may take the place of an operand of its shape.
 */
export function combine(lowering: Lowering, code: number, a: Value, b: Value, y: Value, instances: number): void {
  const dimensions = dimensionsOf(a, b, y);
  const [rows, inner] = dimensions.slice(-2) as [Dimension, Dimension];
  const splats = inner.strides.slice(0, 2).reduce((bits, stride, i) => bits | (stride === 0 ? 1 << i : 0), 0);
  const walk = ([first, ...rest]: readonly Dimension[], p: Linear, q: Linear, r: Linear): void => {
    if (first === undefined) lowering.call('binary', code, p, q, r, rows.size, inner.size, ...rows.strides, splats);
    else
      lowering.loop(first.size, turn => {
        const [pa, qb, ry] = first.strides;
        walk(rest, along(p, turn, pa), along(q, turn, qb), along(r, turn, ry));
      });
  };
  lowering.each(instances, i => {
    walk(dimensions.slice(0, -2), instanceOf(a, i), instanceOf(b, i), instanceOf(y, i));
  });
}

/**
 * The dimensions as they lie in `y`, those that follow one another in all three made one; at least two, the last of
 * floats in a row.
 */
function dimensionsOf(a: Value, b: Value, y: Value): Dimension[] {
  const all = y.shape.map((size, i): Dimension => {
    const strides = [strideOf(a, y, i), strideOf(b, y, i), y.strides[i]!] as const;
    return {size, strides};
  });
  if (y.layout === 'planes') all.unshift(all.pop()!);
  const run = runOf(all, y);
  const dimensions: Dimension[] = [];
  for (const dimension of run === null ? all : [all[0]!, run]) {
    if (dimension.size === 1) continue;
    const last = dimensions.at(-1);
    const follows = last?.strides.every((stride, i) => stride === dimension.strides[i]! * dimension.size);
    if (follows) dimensions[dimensions.length - 1] = {...dimension, size: last!.size * dimension.size};
    else dimensions.push(dimension);
  }
  const inner = dimensions.at(-1);
  const inRow = inner?.strides.every((stride, i) => stride === 4 || (stride === 0 && i < 2));
  if (!inRow) dimensions.push({size: 1, strides: [4, 4, 4]});
  while (dimensions.length < 2) dimensions.unshift({size: 1, strides: [0, 0, 0]});
  return dimensions;
}

function strideOf({shape, strides}: Value, y: Value, axis: number): number {
  const own = axis - y.shape.length + shape.length;
  return own < 0 || shape[own] === 1 ? 0 : strides[own]!;
}

/**
 * Rows and columns of images as one dimension, gaps behind rows included, where they lie alike in all or are one
 * number.
 */
function runOf([, rows, columns]: readonly Dimension[], y: Value): Dimension | null {
  if (y.layout !== 'planes' || y.shape.length !== 3) return null;
  const alike = [0, 1].every(i => {
    const [row, column] = [rows!.strides[i]!, columns!.strides[i]!];
    return (row === 0 && column === 0) || (row === y.strides[0] && column === 4);
  });
  const [a, b] = columns!.strides;
  return alike ? {size: planeFloats(y), strides: [a, b, 4]} : null;
}

import {TfmotError} from '../../errors.ts';
import type {ReduceOp} from '../../graph/ops/reduce.ts';
import type {Shape} from '../../graph/tensor.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {allocated, visit} from './numbers.ts';
import {type Constant, constantOf, stepsOf} from './value.ts';

/** A constant whose element at each place of `shape` stands `start` and its `strides` into the data. */
function picked(constant: Constant, shape: Shape, strides: readonly number[], start = 0): Constant {
  const data = allocated(sizeOf(shape), constant.numbers !== 'float');
  visit(shape, [strides], (i, [place]) => {
    data[i] = constant.data[start + place!]!;
  });
  return constantOf(constant.name, shape, data, constant.numbers);
}

/** Dimension `i` of the result is dimension `permutation[i]`. */
export function transposedNumbers(constant: Constant, permutation: readonly number[]): Constant {
  const steps = stepsOf(constant.shape);
  return picked(
    constant,
    permutation.map(axis => constant.shape[axis]!),
    permutation.map(axis => steps[axis]!),
  );
}

/** `[out, rest]` to `[rest, out]`. */
export function outputsLast(data: ArrayLike<number>, out: number): Float32Array {
  const rest = data.length / out;
  const arranged = new Float32Array(data.length);
  for (let o = 0, from = 0; o < out; o++) for (let i = 0; i < rest; i++) arranged[i * out + o] = data[from++]!;
  return arranged;
}

/** Part of a constant: along each dimension `size` places from `begin`, every `strides`-th, backwards too. */
export function slicedNumbers(constant: Constant, begin: Shape, size: Shape, strides: readonly number[]): Constant {
  const steps = stepsOf(constant.shape);
  const start = begin.reduce((sum, place, axis) => sum + place * steps[axis]!, 0);
  return picked(
    constant,
    size,
    strides.map((stride, axis) => stride * steps[axis]!),
    start,
  );
}

/** A constant repeated to a shape that it can be stretched to, or that is a multiple of its own. */
export function repeatedNumbers(constant: Constant, shape: Shape): Constant {
  if (!shape.every(size => Number.isSafeInteger(size) && size >= 0))
    throw new TfmotError('invalid-topology', `Constant '${constant.name}' cannot be repeated to [${shape}].`);
  const ahead = shape.length - constant.shape.length;
  const own = shape.map((_, axis) => (axis < ahead ? 1 : constant.shape[axis - ahead]!));
  const steps = stepsOf(own);
  // Each dimension as two: which copy, and the place in it.
  const split = shape.flatMap((size, axis) => [size / own[axis]!, own[axis]!]);
  const repeated = picked(
    constant,
    split,
    steps.flatMap(step => [0, step]),
  );
  return {...repeated, shape};
}

/** Constants one after another along an axis. */
export function joinedNumbers(name: string, parts: readonly Constant[], axis: number): Constant {
  const first = parts[0]!;
  const shape = first.shape.map((size, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : size,
  );
  const data = allocated(sizeOf(shape), first.numbers !== 'float');
  const filled = parts.filter(part => sizeOf(part.shape) > 0);
  const before = filled.length === 0 ? 0 : sizeOf(shape.slice(0, axis));
  let at = 0;
  for (let row = 0; row < before; row++) {
    for (const part of filled) {
      const length = sizeOf(part.shape.slice(axis));
      for (let i = 0; i < length; i++) data[at++] = part.data[row * length + i]!;
    }
  }
  return constantOf(name, shape, data, first.numbers);
}

/** For each of `indices` the part of a constant that it names along an axis; negative ones count from the end. */
export function gatheredNumbers(constant: Constant, indices: Constant, axis: number): Constant {
  const {shape, data} = constant;
  const before = sizeOf(shape.slice(0, axis));
  const after = sizeOf(shape.slice(axis + 1));
  const count = indices.data.length;
  const result = allocated(before * count * after, constant.numbers !== 'float');
  for (let row = 0; row < before; row++) {
    for (let i = 0; i < count; i++) {
      const index = indices.data[i]! < 0 ? indices.data[i]! + shape[axis]! : indices.data[i]!;
      const from = (row * shape[axis]! + index) * after;
      for (let k = 0; k < after; k++) result[(row * count + i) * after + k] = data[from + k]!;
    }
  }
  return constantOf(
    constant.name,
    [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)],
    result,
    constant.numbers,
  );
}

const REDUCE: Readonly<Record<ReduceOp['kind'], readonly [start: number, of: (sum: number, x: number) => number]>> = {
  max: [Number.NEGATIVE_INFINITY, Math.max],
  mean: [0, (sum, x) => sum + x],
  min: [Number.POSITIVE_INFINITY, Math.min],
  product: [1, (sum, x) => sum * x],
  sum: [0, (sum, x) => sum + x],
};

/** One number of all along some axes, which stay as dimensions of 1. */
export function reducedNumbers(constant: Constant, kind: ReduceOp['kind'], axes: readonly number[]): Constant {
  const {shape, data, numbers} = constant;
  const left = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const steps = stepsOf(left).map((step, axis) => (axes.includes(axis) ? 0 : step));
  const [start, of] = REDUCE[kind];
  const result = allocated(sizeOf(left), numbers !== 'float').fill(start);
  visit(shape, [steps], (i, [place]) => {
    result[place!] = of(result[place!]!, data[i]!);
  });
  if (kind === 'mean') {
    const count = sizeOf(shape) / sizeOf(left);
    for (let i = 0; i < result.length; i++) result[i]! /= count;
  }
  return constantOf(constant.name, left, result, numbers);
}

/** Whole numbers from `start` up or down to before `limit`. */
export function rangeOf(name: string, start: number, limit: number, step: number, most: number): Constant {
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!(count <= most))
    throw new TfmotError(
      'unsupported-model',
      `Op '${name}' counts ${count} numbers from ${start} to ${limit} by ${step}, more than ${most}.`,
    );
  return constantOf(
    name,
    [count],
    Float64Array.from({length: count}, (_, i) => start + i * step),
    'int',
  );
}

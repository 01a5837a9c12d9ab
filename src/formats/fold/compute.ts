import {LINEAR} from '../../graph/ops/activation.ts';
import {broadcastShapes} from '../../graph/ops/merge.ts';
import type {OpBase} from '../../graph/ops/op.ts';
import type {ReduceOp} from '../../graph/ops/reduce.ts';
import type {Resize2dOp} from '../../graph/ops/resize.ts';
import {reshaped, transposed} from './arrange.ts';
import {reducedNumbers, transposedNumbers} from './arranged.ts';
import {axisOf, emit, flowing, imageOf, type Site, tensorOf, unsupportedNode, weightOf, wholeTensor} from './site.ts';
import {hidesFirst, innerShape, type Value} from './value.ts';

/** One number of all along some axes. */
export function reduced(
  at: Site,
  kind: ReduceOp['kind'],
  value: Value,
  axes: readonly number[],
  keepDims: boolean,
): Value {
  const all = [...new Set(axes.map(axis => axisOf(at, axis, value.shape.length)))].sort((a, b) => a - b);
  const kept = value.shape.map((size, axis) => (all.includes(axis) ? 1 : size));
  const shape = keepDims ? kept : kept.filter((_, axis) => !all.includes(axis));
  if (value.kind === 'constant') return {...reducedNumbers(value, kind, all), shape};
  const first = hidesFirst(value.shape) ? 1 : 0;
  const inner = all.map(axis => axis - first).filter(axis => axis >= 0);
  if (inner.length === 0) return reshaped(at, value, shape);
  return flowing(at, emit(at, {type: 'reduce', kind, axes: inner, keepDims}, [value.id]), shape, value.numbers);
}

/** Matrix product over the last two dimensions; by a constant matrix it is a dense layer. */
export function multiplied(at: Site, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  if (a.shape.length < 2 || b.shape.length < 2)
    throw unsupportedNode(at, `multiplies [${a.shape}] by [${b.shape}], which are no matrices.`);
  const [rows, columns] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
  if (b.kind === 'constant' && b.shape.length === 2 && !transposeA) {
    const kernel = weightOf(at, transposeB ? transposedNumbers(b, [1, 0]) : b);
    const id = emit(at, {type: 'dense', kernel, bias: null, activation: LINEAR}, [tensorOf(at, a)]);
    return flowing(at, id, [...a.shape.slice(0, -1), columns]);
  }
  const shape = [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  const matrices = (value: Value): number =>
    innerShape(value.shape).length < 2 ? wholeTensor(at, value) : tensorOf(at, value);
  return flowing(at, emit(at, {type: 'matmul', transposeA, transposeB}, [matrices(a), matrices(b)]), shape);
}

/** Softmax, or its logarithm, over one axis. */
export function softmaxed(at: Site, value: Value, axis: number, log: boolean): Value {
  const along = axisOf(at, axis, value.shape.length);
  const last = value.shape.length - 1;
  if (along === last) {
    const id = last === 0 && hidesFirst(value.shape) ? wholeTensor(at, value) : tensorOf(at, value);
    return flowing(at, emit(at, {type: 'softmax', log}, [id]), value.shape);
  }
  const swapped = value.shape.map((_, i) => (i === along ? last : i === last ? along : i));
  return transposed(at, softmaxed(at, transposed(at, value, swapped), last, log), swapped);
}

/** An image at another size. */
export function resized(at: Site, value: Value, how: Omit<Resize2dOp, keyof OpBase | 'type'>): Value {
  const {id, shape} = imageOf(at, value);
  const [height, width] = how.size;
  if (shape[1] === height && shape[2] === width) return value;
  return flowing(at, emit(at, {type: 'resize2d', ...how}, [id]), [1, height, width, shape[3]!]);
}

/** Blocks of `block` by `block` channels become rows and columns. */
export function depthToSpace(at: Site, value: Value, block: number): Value {
  const {shape} = imageOf(at, value);
  const [, height, width, channels] = shape as [number, number, number, number];
  const depth = channels / (block * block);
  const apart = reshaped(at, value, [height, width, block, block, depth]);
  return reshaped(at, transposed(at, apart, [0, 2, 1, 3, 4]), [1, height * block, width * block, depth]);
}

/** Rows and columns of blocks of `block` by `block` become channels. */
export function spaceToDepth(at: Site, value: Value, block: number): Value {
  const {shape} = imageOf(at, value);
  const [, height, width, channels] = shape as [number, number, number, number];
  const [rows, columns] = [height / block, width / block];
  const apart = reshaped(at, value, [rows, block, columns, block, channels]);
  return reshaped(at, transposed(at, apart, [0, 2, 1, 3, 4]), [1, rows, columns, block * block * channels]);
}

import {TfmotError} from '../../errors.ts';
import {LINEAR} from '../../graph/ops/activation.ts';
import type {PadOp} from '../../graph/ops/pad.ts';
import type {Shape} from '../../graph/tensor.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {gatheredNumbers, joinedNumbers, repeatedNumbers, slicedNumbers, transposedNumbers} from './arranged.ts';
import {axisOf, emit, flowing, type Site, tensorOf, unsupportedNode, weightOf, wholeTensor} from './site.ts';
import {type Constant, constantOf, type Flowing, hidesFirst, type Value} from './value.ts';

/**
 * The same numbers in another shape.
 *
 * @param wanted One size may be -1: what is left.
 */
export function reshaped(at: Site, value: Value, wanted: Shape): Value {
  const open = wanted.indexOf(-1);
  const count = sizeOf(value.shape);
  const shape = wanted.map((size, i) => (i === open ? count / -sizeOf(wanted) : size));
  if (sizeOf(shape) !== count || !shape.every(size => Number.isSafeInteger(size) && size >= 0))
    throw misfit(at, `[${value.shape}] cannot be reshaped to [${wanted}]`);
  if (value.kind === 'constant') return constantOf(value.name, shape, value.data, value.numbers);
  return flowing(at, value.id, shape, value.numbers);
}

/** The value without dimensions of 1: those named, or all. */
export function squeezed(at: Site, value: Value, axes: readonly number[]): Value {
  const rank = value.shape.length;
  const gone = axes.map(axis => axisOf(at, axis, rank));
  const shape = value.shape.filter((size, axis) => !(axes.length === 0 ? size === 1 : gone.includes(axis)));
  return reshaped(at, value, shape);
}

/** The value with a dimension of 1 more at each of `axes` of the result. */
export function expanded(at: Site, value: Value, axes: readonly number[]): Value {
  const rank = value.shape.length + axes.length;
  const places = axes.map(axis => axisOf(at, axis, rank));
  let next = 0;
  return reshaped(
    at,
    value,
    Array.from({length: rank}, (_, axis) => (places.includes(axis) ? 1 : value.shape[next++]!)),
  );
}

/** Dimension `i` of the result is dimension `permutation[i]`. */
export function transposed(at: Site, value: Value, permutation: readonly number[]): Value {
  if (new Set(permutation).size !== value.shape.length || permutation.some(axis => !(axis in value.shape)))
    throw misfit(at, `[${permutation}] is no order of the dimensions of [${value.shape}]`);
  if (value.kind === 'constant') return transposedNumbers(value, permutation);
  const shape = permutation.map(axis => value.shape[axis]!);
  if (permutation.every((axis, i) => axis === i)) return value;
  const inner = hidesFirst(value.shape) && permutation[0] === 0;
  const id = emit(
    at,
    {type: 'transpose', permutation: inner ? permutation.slice(1).map(axis => axis - 1) : permutation},
    [inner ? value.id : wholeTensor(at, value)],
  );
  return flowing(at, id, shape, value.numbers);
}

/** Values one after another along an axis. */
export function joined(at: Site, values: readonly Value[], axis: number): Value {
  if (values.length === 0) throw misfit(at, 'it joins nothing');
  const rank = values[0]!.shape.length;
  const along = axisOf(at, axis, rank);
  for (const {shape} of values) {
    if (shape.length !== rank || shape.some((size, i) => i !== along && size !== values[0]!.shape[i]))
      throw misfit(at, `[${values[0]!.shape}] and [${shape}] differ off axis ${along}`);
  }
  const constants = values.filter((value): value is Constant => value.kind === 'constant');
  if (constants.length === values.length) return joinedNumbers(at.name, constants, along);
  const parts = values.filter(({shape}) => sizeOf(shape) > 0);
  if (parts.length === 1) return parts[0]!;
  const shape = values[0]!.shape.map((size, i) =>
    i === along ? parts.reduce((sum, part) => sum + part.shape[along]!, 0) : size,
  );
  const inner = hidesFirst(shape) && along > 0;
  const ids = parts.map(part => (inner ? tensorOf(at, part) : wholeTensor(at, part)));
  return flowing(at, emit(at, {type: 'concat', axis: inner ? along - 1 : along}, ids), shape, parts[0]!.numbers);
}

/** Part of a value: along each dimension `size` places from `begin`, every `strides`-th; backwards for constants. */
export function sliced(at: Site, value: Value, begin: Shape, size: Shape, strides: readonly number[]): Value {
  checkWhole(at, value, begin, size, strides);
  const outside = value.shape.some((length, axis) => {
    const last = begin[axis]! + (size[axis]! - 1) * strides[axis]!;
    return size[axis]! > 0 && (begin[axis]! < 0 || begin[axis]! >= length || last < 0 || last >= length);
  });
  if (outside || size.some(places => places < 0))
    throw misfit(at, `a slice [${size}] from [${begin}] reaches out of [${value.shape}]`);
  if (value.kind === 'constant') return slicedNumbers(value, begin, size, strides);
  if (size.every((places, axis) => places === value.shape[axis]) && strides.every(stride => stride > 0)) return value;
  if (strides.some(stride => stride < 1)) throw unsupportedNode(at, 'turns the order of what is computed.');
  const from = hidesFirst(value.shape) ? 1 : 0;
  const op = {type: 'slice', begin: begin.slice(from), size: size.slice(from), strides: strides.slice(from)} as const;
  const id = emit(at, op, [value.id]);
  // With the first dimension left out of both, or in neither.
  return flowing(at, id, from === 1 ? [1, ...op.size] : size, value.numbers);
}

/** Places put on before and after each dimension, or cut off; see `pad` of the graph. */
export function padded(at: Site, value: Value, padding: Pick<PadOp, 'before' | 'after' | 'mode' | 'value'>): Value {
  const {before, after, ...rest} = padding;
  checkWhole(at, value, before, after);
  if ([...before, ...after].every(places => places === 0)) return value;
  const from = hidesFirst(value.shape) && before[0] === 0 && after[0] === 0 ? 1 : 0;
  const op = {type: 'pad', before: before.slice(from), after: after.slice(from), ...rest} as const;
  const id = emit(at, op, [from === 1 ? tensorOf(at, value) : wholeTensor(at, value)]);
  const shape = value.shape.map((size, axis) => size + before[axis]! + after[axis]!);
  return flowing(at, id, shape, value.numbers);
}

/** A value cut into parts along an axis, of these sizes. */
export function parted(at: Site, value: Value, axis: number, sizes: readonly number[]): Value[] {
  const along = axisOf(at, axis, value.shape.length);
  if (sizes.reduce((sum, size) => sum + size, 0) !== value.shape[along])
    throw misfit(at, `[${value.shape}] has no parts [${sizes}] along axis ${along}`);
  const ones = value.shape.map(() => 1);
  let from = 0;
  return sizes.map(places => {
    const begin = value.shape.map((_, i) => (i === along ? from : 0));
    from += places;
    const size = value.shape.map((length, i) => (i === along ? places : length));
    return sliced(at, value, begin, size, ones);
  });
}

/** Most parts that a tensor is cut into to be put together in another order; beyond them a sparse matrix picks. */
const MAX_PARTS = 8;
/** Most places of that matrix. */
const MAX_PLACES = 2 ** 24;

/**
 * For each of `indices`, which the file says, the part of a value along an axis.
 *
 * @throws TfmotError `unsupported-layer` for indices that are computed.
 */
export function gathered(at: Site, value: Value, indices: Value, axis: number): Value {
  const along = axisOf(at, axis, value.shape.length);
  if (indices.kind !== 'constant') return lookedUp(at, value, indices, along);
  const length = value.shape[along]!;
  const places = Array.from(indices.data, index => (index < 0 ? index + length : index));
  if (!places.every(place => Number.isInteger(place) && place >= 0 && place < length))
    throw misfit(at, `indices reach out of ${length} places`);
  if (value.kind === 'constant') return gatheredNumbers(value, indices, along);
  const step = places.length > 1 ? places[1]! - places[0]! : 1;
  const even = step > 0 && places.every((place, i) => place === places[0]! + i * step);
  const part = (begin: number, count: number, stride: number): Value =>
    sliced(
      at,
      value,
      value.shape.map((_, i) => (i === along ? begin : 0)),
      value.shape.map((size, i) => (i === along ? count : size)),
      value.shape.map((_, i) => (i === along ? stride : 1)),
    );
  const picked = even
    ? part(places[0]!, places.length, step)
    : places.length > MAX_PARTS
      ? pickedByMatrix(at, value, places, along)
      : joined(
          at,
          places.map(place => part(place, 1, 1)),
          along,
        );
  return reshaped(at, picked, [...value.shape.slice(0, along), ...indices.shape, ...value.shape.slice(along + 1)]);
}

/** Places along an axis by a matrix with a one for each, which costs a sparse engine as much as the places. */
function pickedByMatrix(at: Site, value: Value, places: readonly number[], axis: number): Value {
  const length = value.shape[axis]!;
  if (length * places.length > MAX_PLACES)
    throw unsupportedNode(at, `picks ${places.length} of ${length} places out of their order.`);
  const data = new Float32Array(length * places.length);
  places.forEach((place, i) => {
    data[place * places.length + i] = 1;
  });
  const last = value.shape.length - 1;
  const swapped = value.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const behind = transposed(at, value, swapped);
  const kernel = {name: at.name, shape: [length, places.length], data};
  const id = last === 0 && hidesFirst(behind.shape) ? wholeTensor(at, behind) : tensorOf(at, behind);
  const product = emit(at, {type: 'dense', kernel, bias: null, activation: LINEAR}, [id]);
  return transposed(at, flowing(at, product, [...behind.shape.slice(0, -1), places.length], value.numbers), swapped);
}

/** Rows of a constant table by indices that are given or computed. */
function lookedUp(at: Site, table: Value, indices: Flowing, axis: number): Value {
  if (table.kind !== 'constant' || table.shape.length !== 2 || axis !== 0)
    throw unsupportedNode(at, 'picks by indices that are computed.');
  const id = emit(at, {type: 'embedding', table: weightOf(at, table)}, [indices.id]);
  return flowing(at, id, [...indices.shape, table.shape[1]!]);
}

/** A value repeated along each dimension. */
export function tiled(at: Site, value: Value, times: readonly number[]): Value {
  checkWhole(at, value, times);
  if (times.some(count => count < 1)) throw misfit(at, `[${value.shape}] cannot be repeated [${times}] times`);
  if (value.kind === 'constant')
    return repeatedNumbers(
      value,
      value.shape.map((size, axis) => size * times[axis]!),
    );
  return times.reduce<Value>(
    (tile, count, axis) =>
      count === 1
        ? tile
        : joined(
            at,
            Array.from({length: count}, () => tile),
            axis,
          ),
    value,
  );
}

/** Refuses lists that do not have one whole number a dimension. */
function checkWhole(at: Site, value: Value, ...lists: readonly (readonly number[])[]): void {
  const wrong = lists.find(list => list.length !== value.shape.length || !list.every(Number.isSafeInteger));
  if (wrong !== undefined) throw misfit(at, `[${wrong}] is no whole number for each dimension of [${value.shape}]`);
}

function misfit(at: Site, what: string): TfmotError {
  return new TfmotError('invalid-topology', `Op '${at.name}' (${at.op}): ${what}.`);
}

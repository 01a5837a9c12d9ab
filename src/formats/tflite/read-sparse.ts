import {
  type ByteRange,
  corrupt,
  int8Field,
  int32Field,
  int32sField,
  type Table,
  tableField,
  tablesField,
  uint8Field,
  vectorField,
} from './read-flatbuffer.ts';
import {DIMENSION_FORMATS, SPARSE_VECTORS, TABLES} from './schema.ts';

/** One level of a sparse tensor, from the outermost in the order of storage. */
type Level =
  | {readonly size: number}
  /** What lies below entry `n` of the level above: `indices[segments[n]]` up to before `segments[n + 1]`. */
  | {readonly segments: ArrayLike<number>; readonly indices: ArrayLike<number>};

/** Most elements of a sparse tensor when it is dense: 1 GiB of float32, and so many for each byte of the file. */
const MAX_ELEMENTS = 2 ** 28;
const MAX_ELEMENTS_PER_BYTE = 512;

/**
 * Where the stored values of a sparse tensor belong: for each, its index in the dense tensor, row by row. Any order of
 * traversal and any blocks are understood.
 *
 * @param table Its sparsity.
 * @param shape Of the dense tensor.
 * @param stored How many values it stores.
 * @throws TfmotError `corrupt-file` when they do not fit together.
 */
export function sparsePlaces(table: Table, shape: readonly number[], stored: number): Uint32Array {
  const order = int32sField(table, TABLES.sparsity.traversalOrder);
  const blockMap = int32sField(table, TABLES.sparsity.blockMap);
  const dimensions = tablesField(table, TABLES.sparsity.dimensions);
  const levels = dimensions.map(readLevel);
  const rank = shape.length;
  const count = rank + blockMap.length;
  if (
    levels.length !== count ||
    [...order].sort((a, b) => a - b).some((dimension, i) => dimension !== i) ||
    order.length !== count ||
    blockMap.some(dimension => !(dimension >= 0 && dimension < rank))
  )
    throw corrupt(
      table.at,
      `a sparse tensor [${shape}] of ${levels.length} levels in order [${order}] with blocks [${blockMap}]`,
    );
  const most = Math.min(MAX_ELEMENTS, table.file.bytes.length * MAX_ELEMENTS_PER_BYTE);
  if (shape.reduce((product, size) => product * size, 1) > most)
    throw corrupt(table.at, `a sparse tensor [${shape}] of more than ${most} elements`);
  const {sizes, strides} = extents(table, order, blockMap, levels, shape);
  checkCounts(dimensions, levels, sizes, stored, table);
  let places = new Uint32Array(1);
  levels.forEach((level, i) => {
    places = expand(places, level, strides[i]!);
  });
  return places;
}

/** How many steps each level has, and how far apart they are in the dense tensor. */
function extents(
  table: Table,
  order: readonly number[],
  blockMap: readonly number[],
  levels: readonly Level[],
  shape: readonly number[],
): {sizes: number[]; strides: number[]} {
  const rank = shape.length;
  // How many elements of a dimension its blocks hold.
  const blocks = shape.map(() => 1);
  const blockSizes = blockMap.map((dimension, i) => {
    const level = levels[order.indexOf(rank + i)]!;
    if (!('size' in level) || level.size < 1) throw corrupt(table.at, 'blocks of a sparse tensor that are not dense');
    blocks[dimension]! *= level.size;
    return level.size;
  });
  const strideOf = (dimension: number): number =>
    shape.slice(dimension + 1).reduce((product, size) => product * size, 1);
  const within = shape.map(() => 1);
  const blockStrides = new Array<number>(blockMap.length);
  for (let i = blockMap.length - 1; i >= 0; i--) {
    const dimension = blockMap[i]!;
    blockStrides[i] = strideOf(dimension) * within[dimension]!;
    within[dimension]! *= blockSizes[i]!;
  }
  const sizes: number[] = [];
  const strides: number[] = [];
  for (const dimension of order) {
    const block = dimension - rank;
    if (block < 0 && shape[dimension]! % blocks[dimension]! !== 0)
      throw corrupt(table.at, `blocks of ${blocks[dimension]} in dimension ${dimension} of a sparse tensor [${shape}]`);
    sizes.push(block >= 0 ? blockSizes[block]! : shape[dimension]! / blocks[dimension]!);
    strides.push(block >= 0 ? blockStrides[block]! : strideOf(dimension) * blocks[dimension]!);
  }
  return {sizes, strides};
}

/** Checks every level before any memory is taken: what is expanded is as long as what the file stores. */
function checkCounts(
  tables: readonly Table[],
  levels: readonly Level[],
  sizes: readonly number[],
  stored: number,
  table: Table,
): void {
  let entries = 1;
  levels.forEach((level, i) => {
    const size = sizes[i]!;
    const {at} = tables[i]!;
    if ('size' in level) {
      if (level.size !== size)
        throw corrupt(at, `a level of ${level.size} where the shape of a sparse tensor needs ${size}`);
      entries *= size;
      return;
    }
    const {segments, indices} = level;
    if (segments.length !== entries + 1 || segments[0] !== 0 || segments[entries] !== indices.length)
      throw corrupt(at, `segments of a sparse tensor that do not cover its ${indices.length} indices`);
    for (let entry = 0; entry < entries; entry++) {
      const [from, to] = [segments[entry]!, segments[entry + 1]!];
      if (to < from) throw corrupt(at, 'segments of a sparse tensor that fall');
      for (let k = from; k < to; k++)
        if (!(indices[k]! < size && indices[k]! >= 0 && (k === from || indices[k]! > indices[k - 1]!)))
          throw corrupt(at, `index ${indices[k]} of a sparse tensor, which must rise and stay below ${size}`);
    }
    entries = indices.length;
  });
  if (entries !== stored) throw corrupt(table.at, `a sparse tensor of ${entries} places for ${stored} values`);
}

function expand(above: Uint32Array, level: Level, stride: number): Uint32Array<ArrayBuffer> {
  if ('size' in level) {
    const places = new Uint32Array(above.length * level.size);
    for (let entry = 0, at = 0; entry < above.length; entry++)
      for (let i = 0; i < level.size; i++) places[at++] = above[entry]! + i * stride;
    return places;
  }
  const {segments, indices} = level;
  const places = new Uint32Array(indices.length);
  for (let entry = 0; entry < above.length; entry++)
    for (let k = segments[entry]!; k < segments[entry + 1]!; k++) places[k] = above[entry]! + indices[k]! * stride;
  return places;
}

function readLevel(table: Table): Level {
  const fields = TABLES.sparseDimension;
  const format = int8Field(table, fields.format);
  if (format === DIMENSION_FORMATS.dense) return {size: int32Field(table, fields.denseSize)};
  if (format !== DIMENSION_FORMATS.compressed) throw corrupt(table.at, `level format ${format} of a sparse tensor`);
  return {
    segments: readVector(table, fields.segmentsType, fields.segments),
    indices: readVector(table, fields.indicesType, fields.indices),
  };
}

function readVector(table: Table, typeField: number, field: number): ArrayLike<number> {
  const type = uint8Field(table, typeField);
  const vector = tableField(table, field);
  const width = WIDTHS.get(type);
  if (vector === null || width === undefined) throw corrupt(table.at, `a sparse vector of type ${type}`);
  const range = vectorField(vector, TABLES.sparseVector.values, width);
  return range === null ? [] : numbersIn(vector.file.bytes, range, width);
}

const WIDTHS: ReadonlyMap<number, number> = new Map([
  [SPARSE_VECTORS.int32, 4],
  [SPARSE_VECTORS.uint16, 2],
  [SPARSE_VECTORS.uint8, 1],
]);

function numbersIn(bytes: Uint8Array, {from, to}: ByteRange, width: number): ArrayLike<number> {
  // A copy, so that the numbers are aligned.
  const {buffer} = bytes.slice(from, to);
  return width === 4 ? new Int32Array(buffer) : width === 2 ? new Uint16Array(buffer) : new Uint8Array(buffer);
}

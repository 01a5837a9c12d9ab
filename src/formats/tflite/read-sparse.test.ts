import fc from 'fast-check';
import {Builder} from 'flatbuffers';
import {expect, test} from 'vitest';
import {openFlatBuffer} from './read-flatbuffer.ts';
import {sparsePlaces} from './read-sparse.ts';
import {DIMENSION_FORMATS, FILE_IDENTIFIER, SPARSE_VECTORS, TABLES} from './schema.ts';

type IndexType = keyof typeof SPARSE_VECTORS;

/** How a sparse tensor is stored. */
interface Storage {
  readonly shape: readonly number[];
  /** The dimension that each block divides, and its size. */
  readonly blocks: readonly {readonly dimension: number; readonly size: number}[];
  readonly order: readonly number[];
  /** Which levels leave out what is all zero, by their place in `order`; blocks never do. */
  readonly compressed: readonly boolean[];
  readonly indexType: IndexType;
  /** Which elements are not zero. */
  readonly kept: readonly boolean[];
}

const storages: fc.Arbitrary<Storage> = fc
  .record({
    outer: fc.array(fc.integer({min: 1, max: 3}), {minLength: 1, maxLength: 3}),
    blocks: fc.array(fc.record({dimension: fc.nat(2), size: fc.integer({min: 1, max: 3})}), {maxLength: 3}),
    indexType: fc.constantFrom<IndexType>('int32', 'uint16', 'uint8'),
  })
  .chain(({outer, blocks, indexType}) => {
    const fitting = blocks.filter(({dimension}) => dimension < outer.length);
    const shape = outer.map((size, axis) =>
      fitting.reduce((all, block) => (block.dimension === axis ? all * block.size : all), size),
    );
    const levels = outer.length + fitting.length;
    const elements = shape.reduce((product, size) => product * size, 1);
    return fc.record({
      shape: fc.constant(shape),
      blocks: fc.constant(fitting),
      indexType: fc.constant(indexType),
      order: fc.shuffledSubarray(
        Array.from({length: levels}, (_, i) => i),
        {minLength: levels, maxLength: levels},
      ),
      compressed: fc.array(fc.boolean(), {minLength: levels, maxLength: levels}),
      kept: fc.array(fc.boolean(), {minLength: elements, maxLength: elements}),
    });
  });

type Level = {readonly size: number} | {readonly segments: number[]; readonly indices: number[]};

/** What the format says of a tensor: its levels, and which dense element each stored value is. */
function stored({shape, blocks, order, compressed, kept}: Storage): {levels: Level[]; places: number[]} {
  const rank = shape.length;
  const sizeOf = (dimension: number): number =>
    dimension >= rank
      ? blocks[dimension - rank]!.size
      : blocks.reduce((size, block) => (block.dimension === dimension ? size / block.size : size), shape[dimension]!);
  const levels = order.map(
    (dimension, i): Level =>
      compressed[i] && dimension < rank ? {segments: [0], indices: []} : {size: sizeOf(dimension)},
  );
  /** The dense element at some indices of the levels, by their dimensions. */
  const placeOf = (at: ReadonlyMap<number, number>): number =>
    shape.reduce((place, size, axis) => {
      const index = blocks.reduce(
        (all, block, i) => (block.dimension === axis ? all * block.size + at.get(rank + i)! : all),
        at.get(axis)!,
      );
      return place * size + index;
    }, 0);
  const places: number[] = [];
  const leaves = (at: ReadonlyMap<number, number>, level: number): number[] => {
    const dimension = order[level];
    if (dimension === undefined) return [placeOf(at)];
    return Array.from({length: sizeOf(dimension)}, (_, i) =>
      leaves(new Map([...at, [dimension, i]]), level + 1),
    ).flat();
  };
  const visit = (at: ReadonlyMap<number, number>, i: number): void => {
    const level = levels[i];
    if (level === undefined) {
      places.push(placeOf(at));
      return;
    }
    const dimension = order[i]!;
    for (let index = 0; index < sizeOf(dimension); index++) {
      const next = new Map([...at, [dimension, index]]);
      if ('indices' in level) {
        if (!leaves(next, i + 1).some(place => kept[place])) continue;
        level.indices.push(index);
      }
      visit(next, i + 1);
    }
    if ('indices' in level) level.segments.push(level.indices.length);
  };
  visit(new Map(), 0);
  return {levels, places};
}

/** The table of a sparse tensor, as the format has it. */
function tableOf({blocks, order, indexType}: Storage, levels: readonly Level[]): ReturnType<typeof openFlatBuffer> {
  const builder = new Builder();
  const numbers = (values: readonly number[]): number => {
    const width = {int32: 4, uint16: 2, uint8: 1}[indexType];
    builder.startVector(width, values.length, width);
    for (const value of [...values].reverse())
      if (width === 4) builder.addInt32(value);
      else if (width === 2) builder.addInt16(value);
      else builder.addInt8(value);
    const vector = builder.endVector();
    builder.startObject(1);
    builder.addFieldOffset(TABLES.sparseVector.values, vector, 0);
    return builder.endObject();
  };
  const ints = (values: readonly number[]): number => {
    builder.startVector(4, values.length, 4);
    for (const value of [...values].reverse()) builder.addInt32(value);
    return builder.endVector();
  };
  const fields = TABLES.sparseDimension;
  const dimensions = levels.map(level => {
    const vectors = 'indices' in level ? [numbers(level.segments), numbers(level.indices)] : [0, 0];
    builder.startObject(6);
    if ('size' in level) builder.addFieldInt32(fields.denseSize, level.size, 0);
    else {
      builder.addFieldInt8(fields.format, DIMENSION_FORMATS.compressed, 0);
      builder.addFieldInt8(fields.segmentsType, SPARSE_VECTORS[indexType], 0);
      builder.addFieldOffset(fields.segments, vectors[0]!, 0);
      builder.addFieldInt8(fields.indicesType, SPARSE_VECTORS[indexType], 0);
      builder.addFieldOffset(fields.indices, vectors[1]!, 0);
    }
    return builder.endObject();
  });
  builder.startVector(4, dimensions.length, 4);
  for (const dimension of [...dimensions].reverse()) builder.addOffset(dimension);
  const all = builder.endVector();
  const [traversal, map] = [ints(order), ints(blocks.map(({dimension}) => dimension))];
  builder.startObject(3);
  builder.addFieldOffset(TABLES.sparsity.traversalOrder, traversal, 0);
  builder.addFieldOffset(TABLES.sparsity.blockMap, map, 0);
  builder.addFieldOffset(TABLES.sparsity.dimensions, all, 0);
  builder.finish(builder.endObject(), FILE_IDENTIFIER);
  return openFlatBuffer(builder.asUint8Array(), FILE_IDENTIFIER);
}

test('every order of traversal, block map and mix of levels is read', () => {
  fc.assert(
    fc.property(storages, storage => {
      const {levels, places} = stored(storage);
      expect([...sparsePlaces(tableOf(storage, levels), storage.shape, places.length)]).toEqual(places);
    }),
    {numRuns: 500},
  );
});

const MATRIX: Storage = {
  ...{shape: [2, 4], blocks: [], order: [0, 1], compressed: [false, true], indexType: 'uint8'},
  kept: [true, false, false, true, false, true, false, false],
};

test.each<[string, (levels: Level[]) => Level[], number?]>([
  ['an index beyond its dimension', ([rows]) => [rows!, {segments: [0, 2, 3], indices: [0, 4, 1]}]],
  ['indices that fall', ([rows]) => [rows!, {segments: [0, 2, 3], indices: [3, 0, 1]}]],
  ['segments that fall', ([rows]) => [rows!, {segments: [0, 4, 3], indices: [0, 3, 1]}]],
  ['segments for fewer rows', ([rows]) => [rows!, {segments: [0, 3], indices: [0, 1, 3]}]],
  ['a level of another size', ([, columns]) => [{size: 3}, columns!]],
  ['a level too many', levels => [...levels, {size: 1}]],
  ['another number of values', levels => levels, 4],
])('%s is refused', (_, damage, count = 3) => {
  const {levels} = stored(MATRIX);
  expect(() => sparsePlaces(tableOf(MATRIX, damage(levels)), MATRIX.shape, count)).toThrow(
    expect.objectContaining({code: 'corrupt-file'}),
  );
});

test('a small file cannot ask for a huge tensor', () => {
  const table = tableOf({...MATRIX, order: [0], shape: [2 ** 27]}, [{segments: [0, 0], indices: []}]);
  expect(() => sparsePlaces(table, [2 ** 27], 0)).toThrow(expect.objectContaining({code: 'corrupt-file'}));
});

import {unzlibSync} from 'fflate';
import {corrupt, type Fields, unsupported} from './fields.ts';
import type {Message} from './object-header.ts';

/** Data that lies in pieces of one shape, each maybe filtered, found by a tree. */
export interface Chunked {
  /** The root of the tree; null where nothing was written. */
  readonly tree: number | null;
  /** The shape of a piece, in elements. */
  readonly chunk: readonly number[];
  readonly filters: readonly Filter[];
}

/** One step that the bytes of a piece went through when it was written. */
export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

const DEFLATE = 1;
const SHUFFLE = 2;
const CHECKSUM = 3;
const MAX_LEVELS = 32;
const MAX_FILTERS = 8;

/**
 * Reads a filter message.
 *
 * @throws TfmotError `unsupported-model` for filters other than deflate, shuffle and checksums.
 */
export function readFilters(fields: Fields, {at}: Message): Filter[] {
  const version = fields.u8(at);
  let next = at + (version === 1 ? 8 : 2);
  const filters = fields.u8(at + 1);
  if (filters > MAX_FILTERS) throw unsupported(at, `data filtered in ${filters} ways`);
  return Array.from({length: filters}, () => {
    const id = fields.u16(next);
    const named = version === 1 || id >= 256;
    const nameSize = named ? fields.u16(next + 2) : 0;
    const rest = next + (named ? 4 : 2);
    const count = fields.u16(rest + 2);
    const valuesAt = rest + 4 + (version === 1 ? Math.ceil(nameSize / 8) * 8 : nameSize);
    if (![DEFLATE, SHUFFLE, CHECKSUM].includes(id)) throw unsupported(next, `data filtered in way ${id}`);
    if (count > 64) throw corrupt(next, 'a filter has too many values');
    const values = Array.from({length: count}, (_, i) => fields.u32(valuesAt + 4 * i));
    next = valuesAt + 4 * count + (version === 1 && count % 2 === 1 ? 4 : 0);
    return {id, values};
  });
}

/**
 * The elements of chunked data, in order. Pieces that were never written are zeros.
 *
 * @param shape Of the whole, in elements of `size` bytes.
 * @throws TfmotError `corrupt-file` when a piece does not fit.
 */
export function readChunks(
  fields: Fields,
  {tree, chunk, filters}: Chunked,
  shape: readonly number[],
  size: number,
): Uint8Array {
  const all = new Uint8Array(shape.reduce((product, length) => product * length, size));
  if (tree === null || all.length === 0) return all;
  const chunkBytes = chunk.reduce((product, length) => product * length, size);
  const keyBytes = 8 + 8 * (shape.length + 1);
  const stack = [{node: tree, level: MAX_LEVELS}];
  while (stack.length > 0) {
    const {node, level} = stack.pop()!;
    fields.visit(node);
    fields.expect(node, 'TREE');
    const own = fields.u8(node + 5);
    if (fields.u8(node + 4) !== 1 || own >= level) throw corrupt(node, 'the tree of a data set is none');
    const count = fields.u16(node + 6);
    for (let i = 0; i < count; i++) {
      const key = node + 24 + i * (keyBytes + 8);
      const child = fields.u64(key + keyBytes);
      // A piece costs as many visits as it has bytes to write: no file may write more than it could hold.
      fields.visit(key, own > 0 ? 1 : chunkBytes / 1024);
      if (own > 0) {
        stack.push({node: child, level: own});
        continue;
      }
      const begin = shape.map((_, axis) => fields.u64(key + 8 + 8 * axis));
      const stored = fields.view(child, fields.u32(key));
      place(all, unfiltered(stored, filters, fields.u32(key + 4), chunkBytes, size, child), {
        begin,
        chunk,
        shape,
        size,
      });
    }
  }
  return all;
}

/** Undoes the filters, the last first. */
function unfiltered(
  stored: Uint8Array,
  filters: readonly Filter[],
  skipped: number,
  bytes: number,
  size: number,
  at: number,
): Uint8Array {
  let data = stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (skipped & (1 << i)) continue;
    const {id, values} = filters[i]!;
    if (id === DEFLATE) data = inflated(data, bytes + 4 * filters.length, at);
    if (id === SHUFFLE) {
      if ((values[0] ?? size) !== size) throw corrupt(at, `elements of ${size} bytes are shuffled as of ${values[0]}`);
      data = unshuffled(data, size);
    }
    if (id === CHECKSUM) data = data.subarray(0, -4);
  }
  if (data.length !== bytes) throw corrupt(at, `a piece has ${data.length} bytes instead of ${bytes}`);
  return data;
}

function inflated(data: Uint8Array, most: number, at: number): Uint8Array {
  try {
    const out = unzlibSync(data, {out: new Uint8Array(most)});
    return out;
  } catch (cause) {
    throw corrupt(at, `a piece cannot be inflated (${(cause as Error).message})`);
  }
}

/** Bytes of one place of all elements were put together: first bytes first. */
function unshuffled(data: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(data.length / Math.max(1, size));
  const out = data.slice();
  for (let place = 0; place < size; place++)
    for (let i = 0; i < count; i++) out[i * size + place] = data[place * count + i]!;
  return out;
}

/** Copies the part of a piece that lies in the whole, row by row. */
function place(
  all: Uint8Array,
  data: Uint8Array,
  {
    begin,
    chunk,
    shape,
    size,
  }: {begin: readonly number[]; chunk: readonly number[]; shape: readonly number[]; size: number},
): void {
  const rank = shape.length;
  if (begin.some((from, axis) => from >= shape[axis]!)) return;
  const extent = chunk.map((length, axis) => Math.min(length, shape[axis]! - begin[axis]!));
  const rowBytes = (extent[rank - 1] ?? 1) * size;
  const index = extent.map(() => 0);
  for (;;) {
    let [from, to] = [0, 0];
    for (let axis = 0; axis < rank; axis++) {
      from = from * chunk[axis]! + index[axis]!;
      to = to * shape[axis]! + begin[axis]! + index[axis]!;
    }
    all.set(data.subarray(from * size, from * size + rowBytes), to * size);
    let axis = rank - 2;
    while (axis >= 0 && ++index[axis]! >= extent[axis]!) index[axis--] = 0;
    if (axis < 0) return;
  }
}

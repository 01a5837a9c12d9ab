import {type Chunked, readChunks, readFilters} from './chunks.ts';
import {type Hdf5Dtype, readDataspace, readDatatype} from './datatype.ts';
import {corrupt, type Fields, unsupported} from './fields.ts';
import {MESSAGE, type Message, messageOf, type ObjectHeader} from './object-header.ts';

/** A data set: what its elements are, where they lie, and the elements. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly dtype: Hdf5Dtype;
  /** Bytes of an element. */
  readonly size: number;
  /** Bytes of all elements. */
  readonly byteLength: number;
  /** Where they lie in the file, in one stretch as they are; null for data in pieces, and for data never written. */
  readonly place: {readonly from: number; readonly to: number} | null;
  readonly header: ObjectHeader;
  /**
   * The bytes of the elements, in order: a view of the file where they lie so.
   *
   * @throws TfmotError `corrupt-file` when pieces of them are damaged.
   */
  read(): Uint8Array;
}

/** How far deflate can make a file smaller. */
const MOST_INFLATION = 1032;

interface Layout {
  readonly place: Hdf5Dataset['place'];
  readonly chunked?: Omit<Chunked, 'filters'>;
}

/**
 * The data set with a header; null when it is a group.
 *
 * @throws TfmotError `corrupt-file` or `unsupported-model`.
 */
export function readDataset(fields: Fields, header: ObjectHeader): Hdf5Dataset | null {
  const [space, type, layout] = [MESSAGE.dataspace, MESSAGE.datatype, MESSAGE.layout].map(kind =>
    messageOf(header, kind),
  );
  if (layout === undefined) return null;
  if (space === undefined || type === undefined) throw corrupt(header.at, 'a data set has no shape or no datatype');
  if (messageOf(header, MESSAGE.externalFiles) !== undefined) throw unsupported(header.at, 'data in other files');
  const shape = readDataspace(fields, space.at);
  const {dtype, size} = readDatatype(fields, type.at);
  const byteLength = shape.reduce((product, length) => product * length, size);
  // Keeps what damaged numbers ask for within what the file could have come from.
  if (!(byteLength <= fields.bytes.length * MOST_INFLATION + 65_536))
    throw corrupt(header.at, `a data set of shape [${shape}] is larger than its file can be`);
  const {place, chunked} = readLayout(fields, layout, shape.length);
  const filterMessage = messageOf(header, MESSAGE.filters);
  if (chunked !== undefined) {
    const filters = filterMessage === undefined ? [] : readFilters(fields, filterMessage);
    const whole: Chunked = {...chunked, filters};
    const most = chunked.chunk.reduce((product, length) => product * length, size);
    if (!(most <= fields.bytes.length * MOST_INFLATION + 65_536))
      throw corrupt(layout.at, 'a piece is larger than its file');
    return {...{shape, dtype, size, byteLength, place, header}, read: () => readChunks(fields, whole, shape, size)};
  }
  if (place !== null && place.to - place.from !== byteLength)
    throw corrupt(layout.at, `a data set of shape [${shape}] has ${place.to - place.from} bytes, not ${byteLength}`);
  const read = (): Uint8Array =>
    place === null ? new Uint8Array(byteLength) : fields.view(place.from, place.to - place.from);
  return {shape, dtype, size, byteLength, place, header, read};
}

function readLayout(fields: Fields, {at}: Message, rank: number): Layout {
  const version = fields.u8(at);
  if (version === 3 || version === 4) {
    const kind = fields.u8(at + 1);
    if (kind === 0) return {place: stretch(fields, at + 4, fields.u16(at + 2))};
    if (kind === 1) return {place: stretch(fields, fields.address(at + 2), fields.u64(at + 10))};
    if (kind === 2 && version === 3) {
      if (fields.u8(at + 2) !== rank + 1)
        throw corrupt(at, 'pieces have another number of dimensions than their whole');
      return chunkedAt(fields, fields.address(at + 3), at + 11, rank);
    }
    throw unsupported(at, 'data in pieces of a newer form');
  }
  if (version !== 1 && version !== 2) throw unsupported(at, 'data laid out in a newer form');
  const [dimensions, kind] = [fields.u8(at + 1), fields.u8(at + 2)];
  if (kind === 0) {
    const size = at + 8 + 4 * dimensions;
    return {place: stretch(fields, size + 4, fields.u32(size))};
  }
  const address = fields.address(at + 8);
  if (kind === 2) {
    if (dimensions !== rank + 1) throw corrupt(at, 'pieces have another number of dimensions than their whole');
    return chunkedAt(fields, address, at + 16, rank);
  }
  throw unsupported(at, 'data laid out in an older form');
}

function chunkedAt(fields: Fields, tree: number | null, at: number, rank: number): Layout {
  const chunk = Array.from({length: rank}, (_, i) => fields.u32(at + 4 * i));
  if (chunk.includes(0)) throw corrupt(at, 'a piece is empty');
  return {place: null, chunked: {tree, chunk}};
}

function stretch(fields: Fields, from: number | null, size: number): Hdf5Dataset['place'] {
  if (from === null) return null;
  fields.view(from, size);
  return {from, to: from + size};
}

import {corrupt, type Fields} from './fields.ts';

/** What the elements of a data set or attribute are. */
export type Hdf5Dtype =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'opaque'
  | 'string'
  | 'vlen-string'
  | 'other';

/** A datatype: what an element is, and its bytes in the file. */
export interface Datatype {
  readonly dtype: Hdf5Dtype;
  /** Bytes of an element. */
  readonly size: number;
}

/** Exponent and mantissa bits of floats, by their bytes. */
const FLOATS: Readonly<Record<string, Hdf5Dtype>> = {
  '2 5 10': 'float16',
  '2 8 7': 'bfloat16',
  '4 8 23': 'float32',
  '8 11 52': 'float64',
};

/**
 * Reads a datatype message. What is stored with its highest byte first is `other`, as anything unknown.
 *
 * @throws TfmotError `corrupt-file`.
 */
export function readDatatype(fields: Fields, at: number): Datatype {
  const kind = fields.u8(at) & 15;
  const bits = fields.u8(at + 1);
  const size = fields.u32(at + 4);
  if (size === 0) throw corrupt(at, 'an element has no bytes');
  return {dtype: dtypeOf(fields, at, kind, bits, size), size};
}

function dtypeOf(fields: Fields, at: number, kind: number, bits: number, size: number): Hdf5Dtype {
  switch (kind) {
    case 0:
      if (bits & 1 || ![1, 2, 4, 8].includes(size)) return 'other';
      return `${bits & 8 ? 'int' : 'uint'}${size * 8}` as Hdf5Dtype;
    case 1:
      if (bits & 0x41) return 'other';
      return FLOATS[`${size} ${fields.u8(at + 13)} ${fields.u8(at + 15)}`] ?? 'other';
    case 3:
      return 'string';
    case 5:
      return 'opaque';
    case 8:
      // h5py writes truth values as an enumeration of bytes.
      return size === 1 ? 'bool' : 'other';
    case 9:
      return (bits & 15) === 1 && size === 16 ? 'vlen-string' : 'other';
    default:
      return 'other';
  }
}

/**
 * Reads a dataspace message: the sizes of the dimensions, none for a single element.
 *
 * @throws TfmotError `corrupt-file`.
 */
export function readDataspace(fields: Fields, at: number): number[] {
  const version = fields.u8(at);
  if (version !== 1 && version !== 2) throw corrupt(at, 'a dataspace is of no known version');
  const rank = fields.u8(at + 1);
  if (rank > 32) throw corrupt(at, `a data set has ${rank} dimensions`);
  // Version 2 tells a single element (0) from none at all (2).
  if (version === 2 && fields.u8(at + 3) === 2) return [0];
  const first = at + (version === 1 ? 8 : 4);
  return Array.from({length: rank}, (_, i) => fields.u64(first + 8 * i));
}

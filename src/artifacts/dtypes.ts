import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import type {WeightSpec} from './artifacts.ts';

/** How the elements of a weight lie in its bytes. Words are little-endian. */
export interface DtypeFacts {
  readonly kind: 'float' | 'integer' | 'opaque';
  /** Bytes of one word. */
  readonly wordBytes: number;
  /** Words of one element: 2 for complex numbers; 0 for strings, whose lengths differ. */
  readonly words: number;
  /** Mantissa bits of a float word. */
  readonly mantissa: number;
  readonly signed: boolean;
}

/** What the bytes of a stored weight can be. */
export type StoredDtype =
  | 'bool'
  | 'complex64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'int8'
  | 'string'
  | 'uint16'
  | 'uint8';

const UNSIGNED = {kind: 'integer', words: 1, mantissa: 0, signed: false} as const;
const SIGNED = {...UNSIGNED, signed: true} as const;

/** Every dtype that a model's file stores; TensorFlow.js' own are those of {@link storedDtype}. */
export const DTYPES: Readonly<Record<StoredDtype, DtypeFacts>> = {
  bool: {...UNSIGNED, wordBytes: 1},
  complex64: {kind: 'float', wordBytes: 4, words: 2, mantissa: 23, signed: true},
  float16: {kind: 'float', wordBytes: 2, words: 1, mantissa: 10, signed: true},
  float32: {kind: 'float', wordBytes: 4, words: 1, mantissa: 23, signed: true},
  float64: {kind: 'float', wordBytes: 8, words: 1, mantissa: 52, signed: true},
  int16: {...SIGNED, wordBytes: 2},
  int32: {...SIGNED, wordBytes: 4},
  int64: {...SIGNED, wordBytes: 8},
  int8: {...SIGNED, wordBytes: 1},
  string: {kind: 'opaque', wordBytes: 1, words: 0, mantissa: 0, signed: false},
  uint16: {...UNSIGNED, wordBytes: 2},
  uint8: {...UNSIGNED, wordBytes: 1},
};

/** What a quantised weight may be stored as. */
const QUANTIZED: readonly string[] = ['uint8', 'uint16', 'float16'];
/** What a weight that is not quantised may be stored as. */
const PLAIN: readonly string[] = ['float32', 'int32', 'bool', 'complex64', 'string'];

/**
 * What the bytes of a weight are: its quantised form if it has one.
 *
 * @throws TfmotError `invalid-weights` for a dtype that TensorFlow.js does not store.
 */
export function storedDtype({name, dtype, quantization}: WeightSpec): StoredDtype {
  const stored: unknown = quantization === undefined ? dtype : quantization?.dtype;
  const allowed = quantization === undefined ? PLAIN : QUANTIZED;
  if (typeof stored === 'string' && allowed.includes(stored)) return stored as StoredDtype;
  const what = quantization === undefined ? 'have a dtype of TensorFlow.js' : 'be quantised to one';
  throw new TfmotError(
    'invalid-weights',
    `Weight '${name}' must ${what} (${allowed.join(', ')}), but has ${show(stored)}.`,
  );
}

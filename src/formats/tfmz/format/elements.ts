import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {DTYPES, storedDtype} from '../../../artifacts/dtypes.ts';

/** How the elements of a weight lie in its bytes. Words are little endian. */
export interface Elements {
  readonly kind: 'integer' | 'float' | 'opaque';
  /** Bytes of one word, 1, 2 or 4. */
  readonly size: number;
  /** Mantissa bits of a float word. */
  readonly mantissa: number;
  /** Whether an integer word is signed. */
  readonly signed: boolean;
  /** Words, two for each complex element; for strings the bytes they take. */
  readonly count: number;
}

/**
 * The words of one weight.
 *
 * @param spec Its spec; only `shape`, `dtype` and `quantization.dtype` count.
 * @param bytes Length of a string weight in bytes; not used for other types.
 * @throws TfmotError `invalid-weights` for a type TensorFlow.js does not save.
 */
export function elementsOf(spec: WeightSpec, bytes: number): Elements {
  const stored = storedDtype(spec);
  const {kind, wordBytes, words, mantissa, signed} = DTYPES[stored];
  const size = spec.shape.reduce((product, extent) => product * extent, 1);
  return {kind, size: wordBytes, mantissa, signed, count: stored === 'string' ? bytes : words * size};
}

/** Words as unsigned numbers. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

/** A typed array of `length` words. */
export function wordsOf(elements: Elements, length: number): Words {
  return elements.size === 1
    ? new Uint8Array(length)
    : elements.size === 2
      ? new Uint16Array(length)
      : new Uint32Array(length);
}

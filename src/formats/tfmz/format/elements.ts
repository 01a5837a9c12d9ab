import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';

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

const UNSIGNED = {kind: 'integer', mantissa: 0, signed: false} as const;
const FLOAT32 = {kind: 'float', size: 4, mantissa: 23, signed: true} as const;

/**
 * The words of one weight.
 *
 * @param spec Its spec; only `shape`, `dtype` and `quantization.dtype` count.
 * @param bytes Length of a string weight in bytes; not used for other types.
 * @throws TfmotError `unsupported-model` for a type TensorFlow.js does not save.
 */
export function elementsOf(spec: WeightSpec, bytes: number): Elements {
  const size = spec.shape.reduce((product, extent) => product * extent, 1);
  switch (spec.quantization?.dtype ?? spec.dtype) {
    case 'float32':
      return {...FLOAT32, count: size};
    case 'complex64':
      return {...FLOAT32, count: 2 * size};
    case 'int32':
      return {kind: 'integer', size: 4, mantissa: 0, signed: true, count: size};
    case 'uint8':
    case 'bool':
      return {...UNSIGNED, size: 1, count: size};
    case 'uint16':
      return {...UNSIGNED, size: 2, count: size};
    case 'float16':
      return {kind: 'float', size: 2, mantissa: 10, signed: true, count: size};
    case 'string':
      return {kind: 'opaque', size: 1, mantissa: 0, signed: false, count: bytes};
    default:
      throw new TfmotError(
        'unsupported-model',
        `Weight '${spec.name}' must have a dtype of TensorFlow.js (float32, int32, bool, string, complex64, or quantized uint8, uint16, float16), but has '${String(spec.quantization?.dtype ?? spec.dtype)}'.`,
      );
  }
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

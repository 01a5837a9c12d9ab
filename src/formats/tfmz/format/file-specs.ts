import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {DTYPES, type StoredDtype} from '../../../artifacts/dtypes.ts';

/** A weight of a file of another format, as its bytes lie there. */
export interface FileWeight {
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Bytes that it takes. */
  readonly bytes: number;
}

/**
 * The spec as which such a weight is coded: the types of format 1 stand for all. Numbers of 64 bits are two of 32;
 * signed ones of 8 and 16 bits have their highest bit turned over, which makes them unsigned in the same order; what is
 * packed otherwise, or are strings, is bytes.
 */
export function codedSpec({shape, dtype, bytes}: FileWeight, index: number): WeightSpec {
  const name = String(index);
  const {kind, words, wordBytes} = DTYPES[dtype];
  const elements = shape.reduce((product, size) => product * size, 1);
  if (kind === 'opaque' || elements * words * wordBytes !== bytes)
    return {name, shape: [bytes], dtype: 'float32', quantization: {dtype: 'uint8'}};
  switch (dtype) {
    case 'float16':
    case 'uint8':
    case 'uint16':
      return {name, shape, dtype: 'float32', quantization: {dtype}};
    case 'int8':
      return {name, shape, dtype: 'float32', quantization: {dtype: 'uint8'}};
    case 'int16':
      return {name, shape, dtype: 'float32', quantization: {dtype: 'uint16'}};
    case 'float64':
    case 'int64':
      return {name, shape: [...shape, 2], dtype: 'int32'};
    default:
      return {name, shape, dtype: dtype as WeightSpec['dtype']};
  }
}

/** Whether the highest bit of each word is turned over. */
export function isTurned({dtype}: Pick<FileWeight, 'dtype'>): boolean {
  return dtype === 'int8' || dtype === 'int16';
}

/** Turns over the highest bit of each word of some bytes, in place. */
export function turnOver(bytes: Uint8Array, wordBytes: number): void {
  for (let i = wordBytes - 1; i < bytes.length; i += wordBytes) bytes[i]! ^= 0x80;
}

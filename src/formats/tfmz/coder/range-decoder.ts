import {TfmotError} from '../../../errors.ts';
import type {BitCoder} from './bit-coder.ts';

/** A {@link BitCoder} that reads. */
export interface RangeDecoder extends BitCoder {
  /** @throws TfmotError `corrupt-file` unless nothing but zero bytes is left. */
  finish(): void;
}

const TOP = 0x1000000;
/** The encoder leaves out up to four zero bytes at the end of a stream. */
const IMPLIED_BYTES = 4;

/**
 * Reads what {@link rangeEncoder} wrote.
 *
 * @throws TfmotError `corrupt-file`, from any call, when the stream goes on for longer than its bytes.
 */
export function rangeDecoder(bytes: Uint8Array): RangeDecoder {
  let at = 0;
  // code, range: unsigned 32-bit numbers stay unboxed in a typed array.
  const state = new Uint32Array([0, 0xffffffff]);

  function next(): number {
    if (at >= bytes.length) {
      if (at >= bytes.length + IMPLIED_BYTES) throw ended('before its values');
      at++;
      return 0;
    }
    return bytes[at++]!;
  }
  for (let i = 0; i < 4; i++) state[0] = (state[0]! << 8) | next();

  return {
    bit(_bit, probability) {
      const range = state[1]!;
      const bound = Math.imul(range >>> 16, probability) >>> 0;
      const bit = state[0]! < bound ? 1 : 0;
      if (bit !== 0) {
        state[1] = bound;
      } else {
        state[0] = state[0]! - bound;
        state[1] = range - bound;
      }
      while (state[1]! < TOP) {
        state[1] = state[1]! << 8;
        state[0] = (state[0]! << 8) | next();
      }
      return bit;
    },
    raw(_value, count) {
      let value = 0;
      for (let i = 0; i < count; i++) {
        const half = state[1]! >>> 1;
        state[1] = half;
        value <<= 1;
        if (state[0]! >= half) {
          state[0] = state[0]! - half;
          value |= 1;
        }
        if (half < TOP) {
          state[1] = half << 8;
          state[0] = (state[0]! << 8) | next();
        }
      }
      return value >>> 0;
    },
    finish() {
      for (; at < bytes.length; at++) if (bytes[at] !== 0) throw ended('after its values');
    },
  };
}

function ended(where: string): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `A coded section must end with its last value, but it ends ${where}. Fetch the file again.`,
  );
}

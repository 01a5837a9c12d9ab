import type {BitCoder} from './bit-coder.ts';

/** A {@link BitCoder} that writes. */
export interface RangeEncoder extends BitCoder {
  /** Ends the stream and returns its bytes; the encoder is not usable afterwards. */
  finish(): Uint8Array;
}

const TOP = 0x1000000;

/**
 * A binary range encoder with 32-bit low and range. A carry out of `low` runs back over the bytes already written, so
 * the whole range is used and the decoder never has to know. docs/guide/compression.md, "Range coder". Source: G. N. N.
 * Martin, "Range encoding" (1979), in the binary form of arithmetic coding of Witten, Neal and Cleary (1987).
 *
 * @param capacity Bytes to reserve at first; the buffer doubles when it is full.
 */
export function rangeEncoder(capacity = 1024): RangeEncoder {
  let out = new Uint8Array(capacity);
  let length = 0;
  // low, range: unsigned 32-bit numbers stay unboxed in a typed array.
  const state = new Uint32Array([0, 0xffffffff]);

  function emit(): void {
    if (length === out.length) {
      const larger = new Uint8Array(out.length * 2);
      larger.set(out);
      out = larger;
    }
    out[length++] = state[0]! >>> 24;
    state[0] = state[0]! << 8;
  }

  function addToLow(amount: number): void {
    const low = state[0]!;
    const sum = (low + amount) >>> 0;
    state[0] = sum;
    if (sum >= low) return;
    let at = length - 1;
    while (out[at] === 255) out[at--] = 0;
    out[at] = out[at]! + 1;
  }

  return {
    bit(bit, probability) {
      const bound = Math.imul(state[1]! >>> 16, probability) >>> 0;
      if (bit !== 0) {
        state[1] = bound;
      } else {
        addToLow(bound);
        state[1] = state[1]! - bound;
      }
      while (state[1]! < TOP) {
        state[1] = state[1]! << 8;
        emit();
      }
      return bit;
    },
    raw(value, count) {
      for (let at = count - 1; at >= 0; at--) {
        state[1] = state[1]! >>> 1;
        if ((value >>> at) & 1) addToLow(state[1]!);
        if (state[1]! < TOP) {
          state[1] = state[1]! << 8;
          emit();
        }
      }
      return value;
    },
    finish() {
      // The value in [low, low + range) with the most trailing zero bytes: the decoder reads zeros after the end.
      const low = state[0]!;
      for (const keep of [0xff000000, 0xffff0000, 0xffffff00, 0xffffffff]) {
        const up = (low + (~keep >>> 0)) % 0x100000000;
        const value = (up & keep) >>> 0;
        const distance = (value - low) >>> 0;
        if (distance < state[1]!) {
          addToLow(distance);
          break;
        }
      }
      const end = length;
      for (let i = 0; i < 4; i++) emit();
      while (length > 0 && length > end && out[length - 1] === 0) length--;
      return out.slice(0, length);
    },
  };
}

import {type Kernels, type KernelVariant, loadKernels, RESERVED_BYTES} from '../../src/inference/kernels/index.ts';
import {type Dice, diceOf} from '../../testing/dice.ts';
import {seeded} from '../../testing/seeded.ts';

/** Kernels over a memory of their own, with a pointer that moves up: what a test needs of an engine. */
export interface Bench {
  readonly kernels: Kernels;
  /** Copies data in and gives its offset. */
  put(data: Float32Array | Uint8Array): number;
  /** An offset with room for `count` floats, each set to a value that no kernel should leave or read. */
  room(count: number): number;
  /** A copy of `count` floats. */
  get(at: number, count: number): Float32Array;
}

/** What unwritten floats hold. */
export const UNTOUCHED = 1e30;

/** A fresh bench of 4 MiB. */
export async function makeBench(variant: KernelVariant): Promise<Bench> {
  const memory = new WebAssembly.Memory({initial: 64});
  const kernels = await loadKernels(memory, variant);
  let end = RESERVED_BYTES;
  const take = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64 + 64;
    if (end > memory.buffer.byteLength) throw new Error('the bench is full');
    new Float32Array(memory.buffer, at, (end - at) / 4).fill(UNTOUCHED);
    return at;
  };
  return {
    kernels,
    put(data) {
      const at = take(data.byteLength);
      new Uint8Array(memory.buffer, at).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return at;
    },
    room: count => take(count * 4),
    get: (at, count) => new Float32Array(memory.buffer.slice(at, at + count * 4)),
  };
}

/** The dice of `seed`. */
export function sourceOf(seed: number): Dice {
  return diceOf(seeded(seed));
}

/** The largest difference, relative to the largest expected magnitude (at least 1). */
export function difference(actual: Float32Array, expected: Float32Array | Float64Array): number {
  let largest = 1;
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const off = Math.abs(actual[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(off) ? Infinity : off);
  }
  return worst / largest;
}

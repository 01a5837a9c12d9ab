import type {Words} from '../format/elements.ts';

/** Words of a window: so many at least and at most, and how many of them must not be zero. */
const WINDOW_MIN = 3;
const WINDOW_MAX = 16;
const OTHERS = 3;
const TABLE_BITS_MAX = 17;
const WORDS_MAX = 1 << 20;
const FACTOR = 0x01000193;

/** Says how much of a weight stood somewhere before, in the same weight or in an earlier one. */
export interface RepeatFinder {
  readonly bits: number;
  readonly hashes: Int32Array;
  readonly used: Uint8Array;
}

/**
 * A finder that has seen no weight.
 *
 * @param words How many words it is going to see.
 */
export function repeatFinder(words: number): RepeatFinder {
  const bits = Math.min(TABLE_BITS_MAX, 33 - Math.clz32(words));
  return {bits, hashes: new Int32Array(2 ** bits), used: new Uint8Array(2 ** bits)};
}

/**
 * Looks at the next weight, at its first 2^20 words.
 *
 * @param window Words of a window: long enough that windows seldom meet by chance.
 * @returns The share of the weight's windows that stood before.
 */
export function lookForRepeats({bits, hashes, used}: RepeatFinder, words: Words, window: number): number {
  const length = Math.max(WINDOW_MIN, Math.min(WINDOW_MAX, window));
  const end = Math.min(words.length, WORDS_MAX);
  let power = 1;
  for (let i = 0; i < length; i++) power = Math.imul(power, FACTOR);
  let hash = 0;
  let others = 0;
  let twins = 0;
  for (let at = 0; at < end; at++) {
    const word = words[at]!;
    hash = (Math.imul(hash, FACTOR) + scattered(word)) | 0;
    if (word !== 0) others++;
    if (at >= length) {
      const gone = words[at - length]!;
      hash = (hash - Math.imul(scattered(gone), power)) | 0;
      if (gone !== 0) others--;
    }
    if (at < length - 1 || others < OTHERS) continue;
    const key = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> (32 - bits);
    if (used[key] === 1 && hashes[key] === hash) twins++;
    used[key] = 1;
    hashes[key] = hash;
  }
  return twins / Math.max(1, end - length + 1);
}

/** A word whose every bit is in the low ones, too: those of floats are often zero. */
export function scattered(word: number): number {
  return Math.imul(word ^ (word >>> 16), 0x9e3779b1);
}

import type {Words} from '../format/elements.ts';

/** Words of a window: long enough that windows of few levels seldom meet by chance. */
const WINDOW = 16;
/** Words of a window that must not be zero. */
const OTHERS = 4;
const TABLE_BITS_MAX = 17;
const WORDS_MAX = 1 << 20;
const FACTOR = 0x01000193;

/** Finds stretches of weights that stood somewhere before, in the same weight or in an earlier one. */
export interface RepeatFinder {
  readonly bits: number;
  readonly hashes: Int32Array;
  readonly owners: Int32Array;
  /** By weight: windows it has, and those that have a twin. */
  readonly windows: number[];
  readonly twins: number[];
}

/**
 * A finder that has seen no weight.
 *
 * @param words How many words it is going to see.
 */
export function repeatFinder(words: number): RepeatFinder {
  const bits = Math.min(TABLE_BITS_MAX, 33 - Math.clz32(words));
  return {
    bits,
    hashes: new Int32Array(2 ** bits),
    owners: new Int32Array(2 ** bits).fill(-1),
    windows: [],
    twins: [],
  };
}

/** Looks at the next weight, at its first 2^20 words. */
export function lookForRepeats(finder: RepeatFinder, words: Words): void {
  const {bits, hashes, owners, windows, twins} = finder;
  const weight = windows.push(0) - 1;
  twins.push(0);
  const end = Math.min(words.length, WORDS_MAX);
  let power = 1;
  for (let i = 0; i < WINDOW; i++) power = Math.imul(power, FACTOR);
  let hash = 0;
  let others = 0;
  for (let at = 0; at < end; at++) {
    const word = words[at]!;
    hash = (Math.imul(hash, FACTOR) + Math.imul(word, 0x9e3779b1)) | 0;
    if (word !== 0) others++;
    if (at >= WINDOW) {
      const gone = words[at - WINDOW]!;
      hash = (hash - Math.imul(Math.imul(gone, 0x9e3779b1), power)) | 0;
      if (gone !== 0) others--;
    }
    if (at < WINDOW - 1) continue;
    windows[weight]!++;
    if (others < OTHERS) continue;
    const key = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> (32 - bits);
    const owner = owners[key]!;
    if (owner >= 0 && hashes[key] === hash) {
      twins[weight]!++;
      if (owner !== weight) twins[owner]!++;
    }
    hashes[key] = hash;
    owners[key] = weight;
  }
}

/** The share of a weight's windows that have a twin. */
export function repeatedShare({windows, twins}: RepeatFinder, weight: number): number {
  return windows[weight] === 0 ? 0 : twins[weight]! / windows[weight]!;
}

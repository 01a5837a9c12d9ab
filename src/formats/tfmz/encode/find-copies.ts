import type {Copies} from '../format/tensor/pieces.ts';
import type {Stretch} from '../format/tensor/stretch.ts';
import {scattered} from './repeats.ts';

/** Words that must be equal before a stretch is looked at, and how many of them must not be zero. */
const WINDOW = 8;
const OTHERS = 1;
const TABLE_BITS = 20;
const FACTOR = 0x01000193;

/** Where windows of the weights so far stand. */
export interface CopyFinder {
  readonly hashes: Int32Array;
  /** Byte of the window of that hash, plus one; 0 for none. */
  readonly places: Uint32Array;
  /** Every how manieth window is kept, so that those of all weights fit. */
  readonly stride: number;
}

/**
 * A finder that has seen no weight.
 *
 * @param words How many words it is going to see.
 */
export function copyFinder(words: number): CopyFinder {
  const bits = Math.max(8, Math.min(TABLE_BITS, 33 - Math.clz32(words)));
  return {
    hashes: new Int32Array(2 ** bits),
    places: new Uint32Array(2 ** bits),
    stride: Math.max(1, Math.ceil(words / 2 ** (bits - 1))),
  };
}

/**
 * Looks at the next weight: finds its stretches of at least `least` words that stood before, in it or in an earlier
 * one, the longest that reach back to the last copy first come first served.
 *
 * @param words The weight's words; they stand at `place` of `all`.
 */
export function findCopies(
  {hashes, places, stride}: CopyFinder,
  all: Uint8Array,
  words: ArrayLike<number>,
  {elements: {size}, place}: Pick<Stretch, 'elements' | 'place'>,
  least: number,
): Copies {
  const shift = 32 - Math.log2(hashes.length);
  const [gaps, lengths, distances]: number[][] = [[], [], []];
  let power = 1;
  for (let i = 0; i < WINDOW; i++) power = Math.imul(power, FACTOR);
  let hash = 0;
  let others = 0;
  let end = 0;
  let next = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    hash = (Math.imul(hash, FACTOR) + scattered(word)) | 0;
    if (word !== 0) others++;
    if (at >= WINDOW) {
      const gone = words[at - WINDOW]!;
      hash = (hash - Math.imul(scattered(gone), power)) | 0;
      if (gone !== 0) others--;
    }
    const first = at - WINDOW + 1;
    if (first < 0 || others < OTHERS) continue;
    const key = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> shift;
    const target = place.from + first * size;
    if (first >= next && places[key] !== 0 && hashes[key] === hash) {
      const match = extended(all, places[key]! - 1, target, place.from + end * size, place.to, size);
      const length = (match.to - match.from) / size;
      // A stretch that is too short is not measured again from each of its words.
      next = first + Math.max(1, length >> 1);
      if (length >= least) {
        const start = (match.from - place.from) / size;
        gaps!.push(start - end);
        lengths!.push(length);
        distances!.push(target - (places[key]! - 1));
        end = (match.to - place.from) / size;
        next = end;
      }
    }
    if (first % stride === 0) {
      hashes[key] = hash;
      places[key] = target + 1;
    }
  }
  return {gaps: Uint32Array.from(gaps!), lengths: Uint32Array.from(lengths!), distances: Uint32Array.from(distances!)};
}

/** The bytes around `target`, from `low` and up to `high`, that equal those around `source`; in whole words. */
function extended(
  all: Uint8Array,
  source: number,
  target: number,
  low: number,
  high: number,
  size: number,
): {from: number; to: number} {
  const distance = target - source;
  let to = target;
  while (to < high && all[to] === all[to - distance]) to++;
  let from = target;
  while (from > low && from - distance > 0 && all[from - 1] === all[from - 1 - distance]) from--;
  return {
    from: target - Math.floor((target - from) / size) * size,
    to: target + Math.floor((to - target) / size) * size,
  };
}

import type {Elements} from '../format/elements.ts';
import {placeOfWord} from '../format/tensor/word-order.ts';

/** The different words of a weight. */
export interface DistinctWords {
  /** Ascending in value. */
  readonly words: Uint32Array;
  /** How often each occurs. */
  readonly counts: Uint32Array;
}

const FREE = 0;

/**
 * The different words, or undefined as soon as there are more than `limit`.
 *
 * @param words Unsigned; not changed.
 * @param limit At most 2^16.
 */
export function distinctWords(elements: Elements, words: ArrayLike<number>, limit: number): DistinctWords | undefined {
  const most = Math.min(limit, words.length, 2 ** (8 * elements.size));
  const bits = 2 + Math.ceil(Math.log2(Math.max(1, most)));
  const keys = new Uint32Array(1 << bits);
  const counts = new Uint32Array(1 << bits);
  let found = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    let at = Math.imul(word, 0x9e3779b1) >>> (32 - bits);
    while (counts[at] !== FREE && keys[at] !== word) at = (at + 1) & (keys.length - 1);
    if (counts[at] === FREE) {
      if (++found > limit) return undefined;
      keys[at] = word;
    }
    counts[at]!++;
  }
  const places = [...counts.keys()].filter(at => counts[at] !== FREE);
  places.sort((a, b) => placeOfWord(elements, keys[a]!) - placeOfWord(elements, keys[b]!));
  return {words: Uint32Array.from(places, at => keys[at]!), counts: Uint32Array.from(places, at => counts[at]!)};
}

import type {Elements, Words} from '../format/elements.ts';
import {numberOfWord} from '../format/tensor/palette-words.ts';
import {placeOfWord} from '../format/tensor/word-order.ts';
import type {DistinctWords} from './distinct.ts';

/** Suffix bits of a level that have slots of their own; those below are as good as raw. */
const MODELLED_SUFFIX = 4;
/** What a decision costs that never goes the other way. */
const SETTLED_BITS = 0.001;

/** Bits of a weight coded by its palette, roughly: its entries, then the entropy of the indices. */
export function paletteBits(elements: Elements, {words, counts}: DistinctWords, step: number | undefined): number {
  let bits = entropyBits(counts);
  let place = 0;
  for (const word of words) {
    const next = step === undefined ? placeOfWord(elements, word) : 2 ** 22 + Math.round(numberOfWord(word) / step);
    bits += Math.log2(1 + next - place) + 2;
    place = next;
  }
  return bits;
}

/** Bits of a weight coded by its levels, roughly: as if the model learned all it can. */
export function linearBits(elements: Elements, {words, counts}: DistinctWords, scale: number): number {
  const floats = new Float32Array(words.buffer);
  const coarse = new Map<number, number>();
  let raw = 0;
  let decisions = 0;
  words.forEach((word, i) => {
    const level =
      elements.kind === 'float' ? Math.round(floats[i]! / scale) : (elements.signed ? word | 0 : word) - scale;
    const magnitude = Math.abs(level);
    const length = magnitude === 0 ? 0 : Math.floor(Math.log2(magnitude));
    const low = Math.max(0, length - MODELLED_SUFFIX);
    const key = Math.sign(level) * Math.floor(magnitude / 2 ** low) + 64 * low * Math.sign(level);
    coarse.set(key, (coarse.get(key) ?? 0) + counts[i]!);
    raw += counts[i]! * low;
    decisions += counts[i]! * 2 * length;
  });
  return entropyBits([...coarse.values()]) + raw + decisions * SETTLED_BITS + coarse.size * 6;
}

/** Bits of a weight coded as floats, roughly: zeros, then sign, exponent and mantissa of the others. */
export function floatBits(words: Words, mantissaBits: number): number {
  let zeros = 0;
  for (let i = 0; i < words.length; i++) if (words[i] === 0) zeros++;
  const others = words.length - zeros;
  return entropyBits([zeros, others]) + others * (3 + mantissaBits);
}

/** Bits of the sequence whose values occur `counts` times each, at its zero-order entropy. */
export function entropyBits(counts: ArrayLike<number>): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    total += count;
    if (count > 0) sum += count * Math.log2(count);
  }
  return total === 0 ? 0 : total * Math.log2(total) - sum;
}

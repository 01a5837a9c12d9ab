import type {Elements, Words} from '../format/elements.ts';
import {placeOfWord} from '../format/tensor/word-order.ts';

/** What a weight's levels would take. */
export interface LevelSpan {
  /** The largest magnitude of a level, and of a difference from the level before. */
  readonly largest: number;
  readonly largestDifference: number;
  /** Bits, roughly, when each level is coded as it is. */
  readonly bits: number;
  /** Bits, roughly, when each level's difference from the one before is coded. */
  readonly runningBits: number;
}

/** Measures the levels of words that are multiples of `scale` (floats; 0: places) or count from it (integers). */
export function levelSpan(elements: Elements, words: Words, scale: number): LevelSpan {
  const {kind, signed, size} = elements;
  const half = 2 ** (8 * size - 1);
  const places = kind === 'float' && scale === 0;
  const floats =
    kind === 'float' && !places ? new Float32Array(words.buffer, words.byteOffset, words.length) : undefined;
  let largest = 0;
  let largestDifference = 0;
  let bits = 0;
  let runningBits = 0;
  let last = 0;
  for (let i = 0; i < words.length; i++) {
    const level = places
      ? placeOfWord(elements, words[i]!) - half
      : floats !== undefined
        ? Math.round(floats[i]! / scale)
        : (signed ? words[i]! | 0 : words[i]!) - scale;
    const magnitude = level < 0 ? -level : level;
    const difference = Math.abs(level - last);
    last = level;
    if (magnitude > largest) largest = magnitude;
    if (difference > largestDifference) largestDifference = difference;
    bits += roughBits(magnitude);
    runningBits += roughBits(difference);
  }
  return {largest, largestDifference, bits, runningBits};
}

function roughBits(magnitude: number): number {
  return magnitude === 0 ? 0.5 : 34 - Math.clz32(magnitude);
}

/** Steps of floats may be this many at most, so that all are exact. */
const STEPS_MAX = 2 ** 22;

/**
 * The power of two of which all float32 words are multiples, fewer than 2^22 of it each: 1 for whole numbers, 1/128 for
 * fixed point with seven bits. Undefined when there is none, and where a -0 would be lost.
 */
export function wholeSteps({mantissa, size}: Elements, words: Words): number | undefined {
  if (mantissa !== 23 || size !== 4) return undefined;
  let lowest = 255;
  let highest = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 0) continue;
    const exponent = (word >>> 23) & 255;
    if (exponent === 0 || exponent === 255) return undefined;
    const fraction = (word & 0x7fffff) | 0x800000;
    const last = exponent - 23 + (31 - Math.clz32(fraction & -fraction));
    if (last < lowest) lowest = last;
    if (exponent > highest) highest = exponent;
    if (highest - lowest >= 22) return undefined;
  }
  const step = 2 ** (lowest - 127);
  return lowest > 0 && highest > 0 && 2 ** (highest - lowest + 1) <= STEPS_MAX ? step : undefined;
}

/** The highest exponent field of a weight's float words and how many low mantissa bits none of them uses. */
export function floatLayout({mantissa}: Elements, words: Words): {readonly shift: number; readonly top: number} {
  const exponents = mantissa === 23 ? 255 : 31;
  let union = 0;
  let top = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    union |= word;
    const exponent = (word >>> mantissa) & exponents;
    if (exponent > top) top = exponent;
  }
  const fraction = union & ((1 << mantissa) - 1);
  return {shift: fraction === 0 ? mantissa : 31 - Math.clz32(fraction & -fraction), top};
}

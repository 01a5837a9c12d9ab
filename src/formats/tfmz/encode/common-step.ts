import type {Elements} from '../format/elements.ts';
import {numberOfWord, wordOfNumber} from '../format/tensor/palette-words.ts';

const LEVEL_MAX = 2 ** 22;
const TRIES = 8;

/**
 * The step of which all words of a palette are multiples, rounded to float32: what quantised weights are when nothing
 * says so. Undefined when there is none to be found, and where a -0 would be lost.
 *
 * @param words Different float32 words, ascending in value.
 */
export function commonStep({mantissa}: Elements, words: Uint32Array): number | undefined {
  if (mantissa !== 23 || words.length < 3) return undefined;
  const values = Array.from(words, numberOfWord);
  if (values.some(value => !Number.isFinite(value) || Object.is(value, -0))) return undefined;
  let gap = Number.POSITIVE_INFINITY;
  for (let i = 1; i < values.length; i++) gap = Math.min(gap, values[i]! - values[i - 1]!);
  const magnitudes = values.map(Math.abs).filter(value => value > 0);
  magnitudes.sort((a, b) => a - b);
  for (const magnitude of magnitudes.slice(0, TRIES)) {
    const step = Math.fround(magnitude / Math.max(1, Math.round(magnitude / gap)));
    // Rounding may have taken the step itself one place away.
    for (const candidate of [step, numberOfWord(wordOfNumber(step) - 1), numberOfWord(wordOfNumber(step) + 1)]) {
      if (candidate > 0 && values.every(value => isMultiple(value, candidate))) return candidate;
    }
  }
  return undefined;
}

function isMultiple(value: number, step: number): boolean {
  const level = Math.round(value / step);
  return Math.abs(level) <= LEVEL_MAX && Math.fround(level * step) === value;
}

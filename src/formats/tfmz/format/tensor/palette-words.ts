import {TfmotError} from '../../../../errors.ts';
import type {BitCoder} from '../../coder/bit-coder.ts';
import {EVEN_SLOT} from '../../coder/mixture.ts';
import {codeFlag, codeLearnedNumber, LENGTH_SLOTS} from '../../coder/numbers.ts';
import type {Elements} from '../elements.ts';
import {placeOfWord, wordAtPlace} from './word-order.ts';

/** The different words of a weight, ascending in value; if they are multiples of a step, that step, else 0. */
export interface PaletteWords {
  readonly palette: Uint32Array;
  readonly step: number;
}

/** Multiples of a step reach from minus to plus this many. */
const LEVELS = 2 ** 23;

const number32 = new Float32Array(1);
const word32 = new Uint32Array(number32.buffer);

/**
 * Codes a palette of `length` words: the first as it is, of each other how much it is more than the one before.
 *
 * @throws TfmotError `corrupt-file` when the decoded step is not a positive number.
 */
export function codePaletteWords(
  coder: BitCoder,
  elements: Elements,
  length: number,
  given: PaletteWords | undefined,
): PaletteWords {
  const palette = new Uint32Array(length);
  const stepped = elements.mantissa === 23 && codeFlag(coder, given !== undefined && given.step !== 0);
  const step = stepped ? codeStep(coder, given?.step ?? 0) : 0;
  const bits = stepped ? 24 : elements.size * 8;
  const shift = stepped ? 0 : coder.raw(given === undefined ? 0 : commonZeros(elements, given.palette), 5);
  if (shift >= bits)
    throw new TfmotError('corrupt-file', `A palette must not drop all bits, but drops ${shift}. Fetch the file again.`);
  const slots = new Uint32Array(LENGTH_SLOTS).fill(EVEN_SLOT);
  let place = 0;
  for (let i = 0; i < length; i++) {
    const word = given?.palette[i] ?? 0;
    const next =
      given === undefined
        ? 0
        : stepped
          ? LEVELS + Math.round(numberOfWord(word) / step)
          : placeOfWord(elements, word) / 2 ** shift;
    place += i === 0 ? coder.raw(next, bits - shift) : codeLearnedNumber(slots, coder, next - place);
    palette[i] = stepped ? wordOfNumber((place - LEVELS) * step) : wordAtPlace(elements, place * 2 ** shift);
  }
  return {palette, step};
}

/**
 * Codes a step of float32 weights as its bits.
 *
 * @throws TfmotError `corrupt-file` when the decoded step is not a positive number.
 */
export function codeStep(coder: BitCoder, step: number): number {
  const result = numberOfWord(coder.raw(wordOfNumber(step), 32));
  if (result > 0 && result < Number.POSITIVE_INFINITY) return result;
  throw new TfmotError('corrupt-file', `A step must be a positive number, but is ${result}. Fetch the file again.`);
}

/** The float32 number that a word stands for. */
export function numberOfWord(word: number): number {
  word32[0] = word;
  return number32[0]!;
}

/** The word of a number rounded to float32. */
export function wordOfNumber(value: number): number {
  number32[0] = value;
  return word32[0]!;
}

/** Low bits that are zero in the place of every word, at most 31 and fewer than a word has. */
function commonZeros(elements: Elements, words: Uint32Array): number {
  const all = words.reduce((union, word) => union | placeOfWord(elements, word), 0);
  return all === 0 ? elements.size * 8 - 1 : 31 - Math.clz32(all & -all);
}

import type {WeightSpec} from '../graph/artifacts.ts';
import {type DistinctWords, distinctWords} from './distinct.ts';
import type {Elements, Words} from './elements.ts';
import {relatedRow} from './related-row.ts';
import {COLUMNS_MAX, PALETTE_MAX, PERIOD_CELLS_MAX, type TensorCoding} from './tensor-header.ts';

/** Levels of integers are coded relative to the commonest word when they stay below this. */
const LEVEL_MAX = 2 ** 30;
const NARROW = 4;
const FLAT_COLUMNS = 1024;

/**
 * How to code a weight's words without loss, by what they are.
 *
 * @param words The weight's words, unsigned.
 * @param step Of float32 words that are all multiples of one, that step; they are coded by their levels then.
 */
export function chooseCoding(
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): TensorCoding {
  if (elements.kind === 'opaque' || words.length === 0) return {method: 'bytes'};
  const last = spec.shape.at(-1) ?? 1;
  const columns = last >= NARROW && last <= COLUMNS_MAX ? last : Math.min(words.length, FLAT_COLUMNS);
  const distinct = distinctWords(elements, words, PALETTE_MAX);
  const only = distinct?.words.length === 1;
  const zero = distinct === undefined ? 0 : distinct.words[commonest(distinct)]!;
  const layout = {columns, period: only ? 1 : periodOf(spec, words, columns, step === undefined ? zero : 0)};
  if (step !== undefined && !only) return {method: 'linear', ...layout, scale: step};
  if (distinct !== undefined && (only || palettePays(elements, distinct, words.length)))
    return {method: 'palette', ...layout, palette: distinct.words, zero: commonest(distinct)};
  if (elements.kind === 'float') return {method: 'float', ...layout, ...floatLayout(elements, words)};
  const scale = elements.signed ? zero | 0 : zero;
  return spansTooFar(elements, words, scale) ? {method: 'bytes'} : {method: 'linear', ...layout, scale};
}

function commonest({counts}: DistinctWords): number {
  let best = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
}

/** Whether naming the words once and coding their places costs less than coding each by itself. */
function palettePays(elements: Elements, {words, counts}: DistinctWords, length: number): boolean {
  const size = words.length;
  if (elements.kind === 'integer') {
    const first = elements.signed ? words[0]! | 0 : words[0]!;
    const last = elements.signed ? words[size - 1]! | 0 : words[size - 1]!;
    return last - first > 4 * size && size * 16 * elements.size < length;
  }
  const others = length - Math.max(...counts);
  const union = words.reduce((all, word) => all | word, 0);
  const used = 8 * elements.size - (union === 0 ? 0 : 31 - Math.clz32(union & -union));
  return size * used + others * Math.log2(size) < others * Math.max(3, used - 5);
}

/** Rows up to the related one, where zeros tell; for a convolution the same input channel at the place before. */
function periodOf(spec: WeightSpec, words: ArrayLike<number>, columns: number, zero: number): number {
  const {shape} = spec;
  const rows = Math.floor(words.length / columns);
  let period = 1;
  if (shape.length > 2 && columns === shape.at(-1)) period = shape.at(-2)!;
  else if (rows >= 16) period = relatedRow(rowCounts(words, rows, columns, zero));
  return period >= 1 && period < rows && period * columns <= PERIOD_CELLS_MAX ? period : 1;
}

function rowCounts(words: ArrayLike<number>, rows: number, columns: number, zero: number): Uint32Array {
  const counts = new Uint32Array(rows);
  for (let r = 0; r < rows; r++) {
    let count = 0;
    for (let c = 0, at = r * columns; c < columns; c++, at++) if (words[at] !== zero) count++;
    counts[r] = count;
  }
  return counts;
}

function floatLayout(elements: Elements, words: ArrayLike<number>): {shift: number; top: number} {
  const {mantissa} = elements;
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

function spansTooFar(elements: Elements, words: ArrayLike<number>, zero: number): boolean {
  if (elements.size < 4) return false;
  for (let i = 0; i < words.length; i++) if (Math.abs((words[i]! | 0) - zero) > LEVEL_MAX) return true;
  return false;
}

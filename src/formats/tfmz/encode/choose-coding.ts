import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import type {Elements, Words} from '../format/elements.ts';
import {COLUMNS_MAX, INDICES_MAX, PALETTE_MAX, PERIOD_CELLS_MAX, type TensorCoding} from '../format/tensor-header.ts';
import {floatBits, linearBits, paletteBits} from './coding-bits.ts';
import {commonStep} from './common-step.ts';
import {type DistinctWords, distinctWords} from './distinct.ts';
import {floatLayout, levelSpan, wholeSteps} from './level-span.ts';
import {relatedRow} from './related-row.ts';

/** Levels larger than this are not coded as levels. */
const LEVEL_MAX = 2 ** 30;
const NARROW = 4;
const FLAT_COLUMNS = 1024;
/** A palette must promise this much more than the others: its levels mean something else in every weight. */
const PALETTE_DOUBT = 1.08;
const PALETTE_BITS = 256;

/** Two ways to code a weight. */
export interface CodingChoice {
  /** By rows and columns, mostly. */
  readonly plain: TensorCoding;
  /** As bytes by a model that finds repeats: slower, and better only where there are some. */
  readonly repeating: TensorCoding;
}

/** A way and what it takes, roughly. */
interface Candidate {
  readonly bits: number;
  readonly coding: TensorCoding;
}

/**
 * How to code a weight's words without loss, by what they are.
 *
 * @param words The weight's words, unsigned.
 * @param step Of float32 words that are all multiples of one, that step.
 */
export function chooseCoding(
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): CodingChoice {
  const bytes: TensorCoding = {method: 'bytes'};
  if (elements.kind === 'opaque' || words.length === 0) return {plain: bytes, repeating: bytes};
  const last = spec.shape.at(-1) ?? 1;
  const columns = last >= NARROW && last <= COLUMNS_MAX ? last : Math.min(words.length, FLAT_COLUMNS);
  const distinct = distinctWords(elements, words, PALETTE_MAX);
  if (distinct?.words.length === 1) {
    const constant: TensorCoding = {method: 'palette', columns, period: 1, palette: distinct.words, zero: 0, step: 0};
    return {plain: constant, repeating: constant};
  }
  const zero = distinct === undefined ? 0 : commonest(distinct);
  const zeroWord = distinct?.words[zero] ?? 0;
  const layout = {columns, period: periodOf(spec, words, columns, step === undefined ? zeroWord : 0)};
  const common = step ?? (distinct && commonStep(elements, distinct.words));
  const candidates: Candidate[] = [];
  if (distinct !== undefined) {
    const coding: TensorCoding = {method: 'palette', ...layout, palette: distinct.words, zero, step: common ?? 0};
    candidates.push({coding, bits: paletteBits(elements, distinct, common) * PALETTE_DOUBT + PALETTE_BITS});
  }
  const origin = elements.signed ? zeroWord | 0 : zeroWord;
  const scale = common ?? (elements.kind === 'integer' ? origin : wholeSteps(elements, words));
  if (scale !== undefined) candidates.push(...linearCandidates(elements, words, distinct, layout, scale));
  if (elements.kind === 'float') {
    const float = floatLayout(elements, words);
    const bits = floatBits(words, elements.mantissa - float.shift);
    candidates.push({coding: {method: 'float', ...layout, ...float}, bits});
  }
  const plain = candidates.reduce((best, next) => (next.bits < best.bits ? next : best), {
    coding: bytes,
    bits: words.length * elements.size * 8,
  }).coding;
  const fewWords = distinct !== undefined && distinct.words.length <= INDICES_MAX;
  return {
    plain,
    repeating: fewWords ? {method: 'indices', ...layout, palette: distinct.words, zero, step: common ?? 0} : bytes,
  };
}

function linearCandidates(
  elements: Elements,
  words: Words,
  distinct: DistinctWords | undefined,
  layout: {readonly columns: number; readonly period: number},
  scale: number,
): Candidate[] {
  const {largest, bits, runningBits} = levelSpan(elements, words, scale);
  if (largest > LEVEL_MAX) return [];
  const linear = {method: 'linear', ...layout, scale} as const;
  return [
    {coding: {...linear, running: false}, bits: distinct === undefined ? bits : linearBits(elements, distinct, scale)},
    {coding: {...linear, running: true}, bits: runningBits},
  ];
}

function commonest({counts}: DistinctWords): number {
  let best = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
}

/** Rows up to the related one, where zeros tell; for a convolution the same input channel at the place before. */
function periodOf(spec: WeightSpec, words: Words, columns: number, zero: number): number {
  const {shape} = spec;
  const rows = Math.floor(words.length / columns);
  let period = 1;
  if (shape.length > 2 && columns === shape.at(-1)) period = shape.at(-2)!;
  else if (rows >= 16) period = relatedRow(rowCounts(words, rows, columns, zero));
  return period >= 1 && period < rows && period * columns <= PERIOD_CELLS_MAX ? period : 1;
}

function rowCounts(words: Words, rows: number, columns: number, zero: number): Uint32Array {
  const counts = new Uint32Array(rows);
  for (let r = 0; r < rows; r++) {
    let count = 0;
    for (let c = 0, at = r * columns; c < columns; c++, at++) if (words[at] !== zero) count++;
    counts[r] = count;
  }
  return counts;
}

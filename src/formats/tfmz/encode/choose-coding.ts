import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import type {Elements, Words} from '../format/elements.ts';
import {
  COLUMNS_MAX,
  INDICES_MAX,
  PALETTE_MAX,
  PERIOD_CELLS_MAX,
  type SignedInner,
  type TensorCoding,
} from '../format/tensor-header.ts';
import {entropyBits, floatBits, linearBits, paletteBits} from './coding-bits.ts';
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

/** Ways to code a weight. */
export interface CodingChoice {
  /** By rows and columns, mostly, as format 1 can. */
  readonly plain: TensorCoding;
  /** The same, or the signs of zeros by themselves where that seems to take less. */
  readonly signed: TensorCoding;
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
  if (elements.kind === 'opaque' || words.length === 0) return {plain: bytes, signed: bytes, repeating: bytes};
  const {candidates, indices} = candidatesFor(spec, elements, words, step);
  const plain = cheapest([{coding: bytes, bits: words.length * elements.size * 8}, ...candidates]);
  const signed = cheapest([plain, ...signedCandidates(spec, elements, words, step)]);
  const repeating = isConstant(plain.coding) ? plain.coding : (indices ?? bytes);
  return {plain: plain.coding, signed: signed.coding, repeating};
}

/** Ways to code words by rows and columns; if they are few, the palette for a model that finds repeats. */
function candidatesFor(
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): {readonly candidates: readonly Candidate[]; readonly indices?: TensorCoding} {
  const last = spec.shape.at(-1) ?? 1;
  const columns = last >= NARROW && last <= COLUMNS_MAX ? last : Math.min(words.length, FLAT_COLUMNS);
  const distinct = distinctWords(elements, words, PALETTE_MAX);
  if (distinct?.words.length === 1) {
    const coding: TensorCoding = {method: 'palette', columns, period: 1, palette: distinct.words, zero: 0, step: 0};
    return {candidates: [{coding, bits: 0}]};
  }
  const zero = distinct === undefined ? 0 : commonest(distinct);
  const zeroWord = distinct?.words[zero] ?? 0;
  const layout = {columns, period: periodOf(spec, words, columns, step === undefined ? zeroWord : 0)};
  const common = step ?? (distinct && commonStep(elements, distinct.words));
  const candidates: Candidate[] = [];
  const palette = distinct && {...layout, palette: distinct.words, zero, step: common ?? 0};
  if (palette !== undefined) {
    const bits = paletteBits(elements, distinct!, common) * PALETTE_DOUBT + PALETTE_BITS;
    candidates.push({coding: {method: 'palette', ...palette}, bits});
  }
  const origin = elements.signed ? zeroWord | 0 : zeroWord;
  const scale = common ?? (elements.kind === 'integer' ? origin : wholeSteps(elements, words));
  if (scale !== undefined) candidates.push(...linearCandidates(elements, words, distinct, layout, scale));
  if (elements.kind === 'float') {
    const float = floatLayout(elements, words);
    const bits = floatBits(words, elements.mantissa - float.shift);
    candidates.push({coding: {method: 'float', ...layout, ...float}, bits});
  }
  const few = palette !== undefined && palette.palette.length <= INDICES_MAX;
  return few ? {candidates, indices: {method: 'indices', ...palette}} : {candidates};
}

/** Ways to code float words some of which are -0, as `weight * mask` leaves them: as if all zeros were +0, and signs. */
function signedCandidates(
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): readonly Candidate[] {
  if (elements.kind !== 'float') return [];
  const minusZero = 2 ** (8 * elements.size - 1);
  let zeros = 0;
  let negative = 0;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) zeros++;
    else if (words[i] === minusZero) negative++;
  }
  if (negative === 0) return [];
  const unsigned = words.slice();
  for (let i = 0; i < unsigned.length; i++) if (unsigned[i] === minusZero) unsigned[i] = 0;
  const signBits = entropyBits([zeros, negative]);
  return candidatesFor(spec, elements, unsigned, step).candidates.map(({coding, bits}) => ({
    coding: {method: 'signed', inner: coding as SignedInner},
    bits: bits + signBits,
  }));
}

function cheapest(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((best, next) => (next.bits < best.bits ? next : best));
}

function isConstant(coding: TensorCoding): boolean {
  return coding.method === 'palette' && coding.palette.length === 1;
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

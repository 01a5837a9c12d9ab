import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import type {Version} from '../coder/version.ts';
import type {Elements, Words} from '../format/elements.ts';
import {type Copies, gathered, restOf} from '../format/tensor/pieces.ts';
import type {Place, Stretch} from '../format/tensor/stretch.ts';
import {
  COLUMNS_MAX,
  INDICES_MAX,
  PALETTE_MAX,
  PERIOD_CELLS_MAX,
  type PiecesInner,
  type SignedInner,
  type TensorCoding,
} from '../format/tensor/tensor-header.ts';
import {wordsAt} from './artifact-bytes.ts';
import {entropyBits, floatBits, linearBits, paletteBits} from './coding-bits.ts';
import {commonStep} from './common-step.ts';
import {type DistinctWords, distinctWords} from './distinct.ts';
import {type CopyFinder, copyFinder, findCopies} from './find-copies.ts';
import {floatLayout, levelSpan, wholeSteps} from './level-span.ts';
import {paletteZero} from './palette-zero.ts';
import {relatedRow} from './related-row.ts';
import {lookForRepeats, type RepeatFinder, repeatFinder} from './repeats.ts';

/** Levels larger than this are not coded as levels. */
const LEVEL_MAX = 2 ** 30;
const NARROW = 4;
const FLAT_COLUMNS = 1024;
/** A palette must promise this much more than the others: its levels mean something else in every weight. */
const PALETTE_DOUBT = 1.08;
const PALETTE_BITS = 256;

/** Ways to code a weight. */
export interface CodingChoice {
  /** By rows and columns, mostly, as format 1 can; undefined where no file of format 1 is going to be written. */
  readonly plain?: TensorCoding;
  /** By rows and columns, mostly, as format 2 can. */
  readonly rows: TensorCoding;
  /** Copying stretches that stood before, where that seems to take less. */
  readonly pieces: TensorCoding;
  /** As bytes by a model that finds repeats: slower, so only where there are some. */
  readonly repeating?: TensorCoding;
}

/** A way and what it takes, roughly. */
interface Candidate {
  readonly bits: number;
  readonly coding: PiecesInner;
}

/** Bits that a copied stretch takes, roughly. */
const COPY_BITS = 48;
/**
 * Copies must promise to leave out this share of a weight; where a large one loses the second, nothing else is tried.
 */
const COPIES_WORTH = 0.01;
const COPIES_SUFFICE = 0.5;
/** Windows of words are alike by chance unless they hold so many bits. */
const WINDOW_BITS = 48;
/**
 * A model of repeats takes a microsecond a byte: it is tried on small weights that repeat, and on large ones that do a
 * lot.
 */
const SMALL_BYTES = 1 << 18;
const SOME = 0.02;
const MANY = 0.3;

/** What remembers the weights before. */
export interface Finders {
  readonly copies: CopyFinder;
  readonly repeats: RepeatFinder;
}

/**
 * Finders that have seen no weight.
 *
 * @param words How many words they are going to see.
 */
export function findersOf(words: number): Finders {
  return {copies: copyFinder(words), repeats: repeatFinder(words)};
}

/**
 * How to code a weight's words without loss, by what they are.
 *
 * @param all The bytes of all weights, which the words are a copy of.
 * @param words The weight's words, unsigned.
 * @param step Of float32 words that are all multiples of one, that step.
 * @param finders Have seen the weights before, and see this one.
 * @param versions The formats of the files that are going to be written.
 */
export function chooseCoding(
  spec: WeightSpec,
  {elements, place}: Pick<Stretch, 'elements' | 'place'>,
  all: Uint8Array,
  words: Words,
  step: number | undefined,
  finders: Finders,
  versions: readonly Version[],
): CodingChoice {
  const bytes: PiecesInner = {method: 'bytes'};
  if (elements.kind === 'opaque' || words.length === 0) return {plain: bytes, rows: bytes, pieces: bytes};
  const rows = byRows(2, spec, elements, words, step);
  const plain = versions.includes(1) ? {plain: byRows(1, spec, elements, words, step).coding} : {};
  const bitsPerWord = rows.bits / words.length;
  const copies = findCopies(finders.copies, all, words, {elements, place}, Math.ceil(COPY_BITS / bitsPerWord));
  const left = restOf(words.length, copies);
  const saved = (words.length - left) * bitsPerWord - COPY_BITS * copies.gaps.length;
  const worth = saved > COPIES_WORTH * rows.bits;
  const repeated = lookForRepeats(finders.repeats, words, Math.ceil(WINDOW_BITS / bitsPerWord));
  const small = words.length * elements.size <= SMALL_BYTES;
  const idle = repeated < (small ? SOME : MANY) || (!small && saved > COPIES_SUFFICE * rows.bits);
  return {
    ...plain,
    rows: rows.coding,
    pieces: worth ? piecesOf(spec, elements, all, place, copies, step) : rows.coding,
    ...(idle || isConstant(rows.coding) ? {} : {repeating: rows.indices ?? bytes}),
  };
}

function piecesOf(
  spec: WeightSpec,
  elements: Elements,
  all: Uint8Array,
  place: Place,
  copies: Copies,
  step: number | undefined,
): TensorCoding {
  const rest = gathered(all, place, elements.size, copies);
  const count = rest.length / elements.size;
  const inner: PiecesInner =
    count === 0
      ? {method: 'bytes'}
      : byRows(2, spec, {...elements, count}, wordsAt({...elements, count}, rest, {from: 0, to: rest.length}), step)
          .coding;
  return {method: 'pieces', copies, inner};
}

/**
 * The cheapest way to code words by rows and columns; if they are few, also their palette for a model that finds
 * repeats.
 */
function byRows(
  version: Version,
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): Candidate & {readonly indices?: PiecesInner} {
  const raw: Candidate = {coding: {method: 'bytes'}, bits: words.length * elements.size * 8};
  const {candidates, indices} = candidatesFor(version, spec, elements, words, step);
  const signed = version === 1 ? [] : signedCandidates(spec, elements, words, step);
  const best = [raw, ...candidates, ...signed].reduce((least, next) => (next.bits < least.bits ? next : least));
  return indices === undefined ? best : {...best, indices};
}

/** Ways to code words by rows and columns, and if they are few, their palette. */
function candidatesFor(
  version: Version,
  spec: WeightSpec,
  elements: Elements,
  words: Words,
  step: number | undefined,
): {readonly candidates: readonly Candidate[]; readonly indices?: PiecesInner} {
  const last = spec.shape.at(-1) ?? 1;
  const fits = last >= NARROW && last <= Math.min(COLUMNS_MAX, words.length);
  const columns = fits ? last : Math.min(words.length, FLAT_COLUMNS);
  const distinct = distinctWords(elements, words, PALETTE_MAX[version]);
  if (distinct?.words.length === 1) {
    const coding: PiecesInner = {method: 'palette', columns, period: 1, palette: distinct.words, zero: 0, step: 0};
    return {candidates: [{coding, bits: 0}]};
  }
  const zero = distinct === undefined ? 0 : commonest(distinct);
  const zeroWord = distinct?.words[zero] ?? 0;
  const layout = {columns, period: periodOf(spec, words, columns, step === undefined ? zeroWord : 0)};
  const common = step ?? (distinct && commonStep(elements, distinct.words));
  const candidates: Candidate[] = [];
  const palette = distinct && {
    ...layout,
    palette: distinct.words,
    zero: paletteZero(distinct.counts, zero),
    step: common ?? 0,
  };
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
    if (version > 1 && isSmooth(elements, words))
      candidates.push(...linearCandidates(elements, words, distinct, layout, 0));
  }
  const few = palette !== undefined && palette.palette.length <= INDICES_MAX;
  return few ? {candidates, indices: {method: 'indices', ...palette}} : {candidates};
}

/** Words by which a weight is judged. */
const SAMPLE = 1024;

/** Whether floats seem to lie near the ones before them, so that differences of their places are worth measuring. */
function isSmooth(elements: Elements, words: Words): boolean {
  const sample = words.subarray(0, SAMPLE);
  const {mantissa} = elements;
  return levelSpan(elements, sample, 0).runningBits < floatBits(sample, mantissa);
}

/**
 * Ways to code float words some of which are -0, as `weight * mask` leaves them: as if all zeros were +0, and signs.
 */
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
  return candidatesFor(2, spec, elements, unsigned, step).candidates.map(({coding, bits}) => ({
    coding: {method: 'signed', inner: coding as SignedInner},
    bits: bits + signBits,
  }));
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
  const {largest, largestDifference, bits, runningBits} = levelSpan(elements, words, scale);
  const candidates: Candidate[] = [];
  const linear = {method: 'linear', ...layout, scale} as const;
  // Places are levels too large to be learned, unless each is near the one before.
  if (largest <= LEVEL_MAX && !(elements.kind === 'float' && scale === 0)) {
    const exact = distinct === undefined ? bits : linearBits(elements, distinct, scale);
    candidates.push({coding: {...linear, running: false}, bits: exact});
  }
  if (largestDifference <= LEVEL_MAX) candidates.push({coding: {...linear, running: true}, bits: runningBits});
  return candidates;
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

import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import type {BitCoder} from '../coder/bit-coder.ts';
import {type ByteModel, byteModel, codeBytes} from '../coder/byte-model.ts';
import {BYTE, BYTE_MODEL, CLEARED_CELL, FILLED_BYTE, GRID_MODEL, ROW, THREE_INPUTS} from '../coder/costs.ts';
import {codeMantissas, type FloatModel, floatModel, levelsOfFloats} from '../coder/float-model.ts';
import {beginGrid, beginRow, codeCells, endRow, type GridModel, gridModel} from '../coder/grid-model.ts';
import {beginSigns, codeSign, type SignModel, signModel} from '../coder/sign-model.ts';
import {type Elements, type Words, wordsOf} from './elements.ts';
import {levelMap} from './level-map.ts';
import type {Meter} from './meter.ts';
import type {CodingBy, TensorCoding} from './tensor-header.ts';

/** The models of one section: tensors that follow one another share what they taught. */
export interface SectionModels {
  grid: GridModel | undefined;
  float: FloatModel | undefined;
  bytes: ByteModel | undefined;
  zeroSigns: SignModel | undefined;
}

/** Models that are made when they are needed first. */
export function sectionModels(): SectionModels {
  return {grid: undefined, float: undefined, bytes: undefined, zeroSigns: undefined};
}

/** Where one weight lies in the bytes of all. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Cells of a row, or bytes, that are coded in one go. */
const PIECE = 1024;
/** A step ends after so many decisions, which take about a third of a millisecond. */
const STEP_DECISIONS = 8192;

/** One pass over the words of a row. */
interface Pass {
  /** Before the cells of a row of `length` words. An encoder finds the words there. */
  begin?(words: Words, length: number): void;
  /** Codes cells `from` to `to - 1`. Returns what that cost, in decisions. */
  code(coder: BitCoder, words: Words, from: number, to: number): number;
  /** After them. A decoder leaves the words there. */
  end?(words: Words, length: number): void;
}

/**
 * Codes the bytes of one weight in place: an encoder reads them from `all`, a decoder writes them there.
 *
 * @param decoding Whether `coder` reads.
 * @throws TfmotError `corrupt-file` when a decoded level has no word, `memory-limit` when the budget ends.
 */
export function* codeTensor(
  models: SectionModels,
  coder: BitCoder,
  coding: TensorCoding,
  elements: Elements,
  all: Uint8Array,
  place: Place,
  decoding: boolean,
  meter: Meter,
): Steps<void> {
  if (coding.method === 'copy') throw new TfmotError('invalid-argument', 'A copied weight has nothing to code.');
  if (coding.method === 'bytes') {
    // Words of one size stand below one another.
    const model = bytesFor(models, elements.size === 1 ? 4 : elements.size, meter);
    for (let from = place.from; from < place.to; from += PIECE) {
      const to = Math.min(place.to, from + PIECE);
      meter.spend((to - from) * BYTE);
      codeBytes(model, coder, all, from, to);
      meter.done += to - from;
      yield;
    }
    return;
  }
  if (coding.method === 'palette' && coding.palette.length === 1) {
    meter.spend((place.to - place.from) * FILLED_BYTE);
    if (decoding) fill(elements, coding.palette[0]!, all, place);
    return;
  }
  const passes = passesOf(models, coding, elements, decoding, meter);
  const words = wordsOf(elements, columnsOf(coding));
  const bytes = new Uint8Array(words.buffer);
  let decisions = 0;
  for (let at = place.from; at < place.to; at += bytes.length) {
    const end = Math.min(place.to, at + bytes.length);
    const length = (end - at) / elements.size;
    if (!decoding) bytes.set(all.subarray(at, end));
    decisions += ROW;
    for (const pass of passes) {
      pass.begin?.(words, length);
      for (let from = 0; from < length; from += PIECE) {
        decisions += pass.code(coder, words, from, Math.min(length, from + PIECE));
        if (decisions < STEP_DECISIONS) continue;
        meter.spend(decisions);
        decisions = 0;
        yield;
      }
      pass.end?.(words, length);
    }
    if (decoding) all.set(end - at === bytes.length ? bytes : bytes.subarray(0, end - at), at);
    meter.done += end - at;
  }
  meter.spend(decisions);
}

function columnsOf(coding: CodingBy<'linear' | 'palette' | 'float' | 'indices' | 'signed'>): number {
  return coding.method === 'signed' ? coding.inner.columns : coding.columns;
}

/** Fills a weight with one word. */
function fill(elements: Elements, word: number, all: Uint8Array, {from, to}: Place): void {
  if (from === to) return;
  const words = wordsOf(elements, 1);
  words[0] = word;
  all.set(new Uint8Array(words.buffer), from);
  for (let filled = elements.size; filled < to - from; filled *= 2)
    all.copyWithin(from + filled, from, Math.min(from + filled, to - filled));
}

function bytesFor(models: SectionModels, stride: number, meter: Meter): ByteModel {
  if (models.bytes === undefined) meter.spend(BYTE_MODEL);
  models.bytes ??= byteModel();
  models.bytes.stride = stride;
  return models.bytes;
}

function passesOf(
  models: SectionModels,
  coding: CodingBy<'linear' | 'palette' | 'float' | 'indices' | 'signed'>,
  elements: Elements,
  decoding: boolean,
  meter: Meter,
): readonly Pass[] {
  if (coding.method === 'signed') {
    const [before, after] = signPasses(models, coding.inner.columns, elements, decoding);
    return [before, ...passesOf(models, coding.inner, elements, decoding, meter), after];
  }
  if (coding.method === 'palette' && coding.palette.length === 1)
    return [{code: () => 0, end: (words, length) => void words.fill(coding.palette[0]!, 0, length)}];
  if (coding.method === 'indices') return [indexPass(models, coding, elements, decoding, meter)];
  meter.spend(coding.columns * (1 + CLEARED_CELL * coding.period));
  if (coding.method === 'float') return floatPasses(models, coding, elements, decoding, meter);
  return [gridPass(models, coding, elements, decoding, meter)];
}

function floatPasses(
  models: SectionModels,
  coding: CodingBy<'float'>,
  {mantissa}: Elements,
  decoding: boolean,
  meter: Meter,
): readonly Pass[] {
  const {columns, period, shift, top} = coding;
  if (models.float === undefined) meter.spend(GRID_MODEL);
  models.float ??= floatModel();
  const model = models.float;
  const {exponents} = model;
  beginGrid(exponents, columns, period);
  const levels = new Int32Array(columns);
  const layout = {mantissa, shift, top};
  return [
    {
      begin(words, length) {
        if (!decoding) levelsOfFloats(layout, words, levels, length);
        beginRow(exponents);
      },
      code: (coder, _words, from, to) => codeCells(exponents, coder, levels, from, to),
      end: () => endRow(exponents),
    },
    {code: (coder, words, from, to) => codeMantissas(model, coder, layout, words, levels, from, to)},
  ];
}

function gridPass(
  models: SectionModels,
  coding: CodingBy<'linear' | 'palette'>,
  elements: Elements,
  decoding: boolean,
  meter: Meter,
): Pass {
  const {columns, period} = coding;
  if (models.grid === undefined) meter.spend(GRID_MODEL);
  models.grid ??= gridModel();
  const model = models.grid;
  beginGrid(model, columns, period);
  const levels = new Int32Array(columns);
  const map = levelMap(coding, elements);
  return {
    begin(words, length) {
      if (!decoding) map.levels(words, levels, length);
      beginRow(model);
    },
    code: (coder, _words, from, to) => codeCells(model, coder, levels, from, to),
    end(words, length) {
      endRow(model);
      if (decoding) map.words(levels, words, length);
    },
  };
}

function indexPass(
  models: SectionModels,
  coding: CodingBy<'indices'>,
  elements: Elements,
  decoding: boolean,
  meter: Meter,
): Pass {
  const model = bytesFor(models, coding.columns, meter);
  const levels = new Int32Array(coding.columns);
  const indices = new Uint8Array(coding.columns);
  const map = levelMap(coding, elements);
  return {
    begin(words, length) {
      if (decoding) return;
      map.levels(words, levels, length);
      indices.set(levels);
    },
    code(coder, _words, from, to) {
      codeBytes(model, coder, indices, from, to);
      return BYTE * (to - from);
    },
    end(words, length) {
      if (!decoding) return;
      levels.set(indices);
      map.words(levels, words, length);
    },
  };
}

/** Two passes for zeros of both signs: the first makes all of them +0, the last codes their signs. */
function signPasses(
  models: SectionModels,
  columns: number,
  {size}: Elements,
  decoding: boolean,
): readonly [Pass, Pass] {
  models.zeroSigns ??= signModel();
  const model = models.zeroSigns;
  beginSigns(model, columns);
  const minusZero = size === 4 ? 0x80000000 : 0x8000;
  const negative = new Uint8Array(columns);
  const before: Pass = {
    begin(words, length) {
      if (decoding) return;
      for (let i = 0; i < length; i++) {
        negative[i] = words[i] === minusZero ? 1 : 0;
        if (negative[i] === 1) words[i] = 0;
      }
    },
    code: () => 0,
  };
  const after: Pass = {
    code(coder, words, from, to) {
      let zeros = 0;
      for (let c = from; c < to; c++) {
        if (words[c] !== 0) continue;
        zeros++;
        if (codeSign(model, coder, negative[c]!, c) === 1) words[c] = minusZero;
      }
      return zeros * THREE_INPUTS;
    },
  };
  return [before, after];
}

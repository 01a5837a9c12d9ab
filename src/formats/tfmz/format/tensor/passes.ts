import type {BitCoder} from '../../coder/bit-coder.ts';
import {codeBytes} from '../../coder/byte-model.ts';
import {BYTE, CLEARED_CELL, COLUMN, THREE_INPUTS} from '../../coder/costs.ts';
import {codeMantissas, levelsOfFloats} from '../../coder/float-model.ts';
import {beginGrid, beginRow, codeCells, endRow} from '../../coder/grid-model.ts';
import {beginSigns, codeSign} from '../../coder/sign-model.ts';
import type {Elements, Words} from '../elements.ts';
import type {GridModels, SectionCoder} from '../section-coder.ts';
import {levelMap} from './level-map.ts';
import type {CodingBy} from './tensor-header.ts';

/** A coding of the words of a weight, row by row. */
export type RowCoding = CodingBy<'linear' | 'palette' | 'float' | 'indices' | 'signed'>;

/** One pass over the words of a row. */
export interface Pass {
  /** Before the cells of a row of `length` words. An encoder finds the words there. */
  begin?(words: Words, length: number): void;
  /** Codes cells `from` to `to - 1`. Returns what that cost, in decisions. */
  code(coder: BitCoder, words: Words, from: number, to: number): number;
  /** After them. A decoder leaves the words there. */
  end?(words: Words, length: number): void;
}

/** The passes that code each row of a weight, one after another. */
export function passesOf(section: SectionCoder, coding: RowCoding, elements: Elements, rank: number): readonly Pass[] {
  const {decoding, meter} = section;
  if (coding.method === 'indices') return [indexPass(section, coding, elements)];
  const models = section.grids(rank);
  if (coding.method === 'signed') {
    const [before, after] = signPasses(models, coding.inner.columns, elements, decoding);
    return [before, ...passesOf(section, coding.inner, elements, rank), after];
  }
  if (coding.method === 'palette' && coding.palette.length === 1)
    return [{code: () => 0, end: (words, length) => void words.fill(coding.palette[0]!, 0, length)}];
  meter.spend(coding.columns * (COLUMN + CLEARED_CELL * coding.period));
  if (coding.method === 'float') return floatPasses(models, coding, elements, decoding);
  return [gridPass(models, coding, elements, decoding)];
}

function floatPasses(
  models: GridModels,
  coding: CodingBy<'float'>,
  {mantissa}: Elements,
  decoding: boolean,
): readonly Pass[] {
  const {columns, period, shift, top} = coding;
  const model = models.float();
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
  models: GridModels,
  coding: CodingBy<'linear' | 'palette'>,
  elements: Elements,
  decoding: boolean,
): Pass {
  const {columns, period} = coding;
  const model = models.grid();
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

function indexPass({bytes, decoding}: SectionCoder, coding: CodingBy<'indices'>, elements: Elements): Pass {
  const model = bytes();
  model.stride = coding.columns;
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
function signPasses(models: GridModels, columns: number, {size}: Elements, decoding: boolean): readonly [Pass, Pass] {
  const model = models.zeroSigns();
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

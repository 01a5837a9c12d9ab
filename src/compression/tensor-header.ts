import {TfmotError} from '../errors.ts';
import type {BitCoder} from './bit-coder.ts';
import type {Elements} from './elements.ts';
import {codeFlag, codeNumber} from './numbers.ts';

/** How one weight is coded. `columns` and `period` lay its words out as the grid of {@link beginGrid}. */
export type TensorCoding =
  | {readonly method: 'linear'; readonly columns: number; readonly period: number; readonly scale: number}
  | {
      readonly method: 'palette';
      readonly columns: number;
      readonly period: number;
      /** The different words, ascending in value. */
      readonly palette: Uint32Array;
      /** Which of them is level 0. */
      readonly zero: number;
    }
  | {
      readonly method: 'float';
      readonly columns: number;
      readonly period: number;
      readonly shift: number;
      readonly top: number;
    }
  | {readonly method: 'bytes'}
  | {
      readonly method: 'copy';
      /** Index of the earlier weight with the same bytes. */
      readonly source: number;
    };

const METHODS = ['linear', 'palette', 'float', 'bytes', 'copy'] as const;
/** The widest grid, and the most cells of a period: what a decoder keeps beside its output is bounded by both. */
export const COLUMNS_MAX = 65536;
/** See {@link COLUMNS_MAX}. */
export const PERIOD_CELLS_MAX: number = 1 << 18;
/** The most words a palette holds. */
export const PALETTE_MAX = 4096;

const number32 = new Float32Array(1);
const word32 = new Uint32Array(number32.buffer);

/**
 * Codes a weight's header; a decoder gives `undefined` and gets what was coded.
 *
 * @param lastExtent The last extent of the weight's shape, the usual number of columns.
 * @throws TfmotError `corrupt-file` when a field is out of its range.
 */
export function codeTensorHeader(
  coder: BitCoder,
  elements: Elements,
  lastExtent: number,
  coding: TensorCoding | undefined,
): TensorCoding {
  const index = coder.raw(coding === undefined ? 0 : METHODS.indexOf(coding.method), 3);
  const method = METHODS[index];
  switch (method) {
    case 'linear':
      return codeLinear(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'palette':
      return codePalette(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'float':
      return codeFloat(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'bytes':
      return {method};
    case 'copy':
      return {method, source: codeNumber(coder, coding?.method === method ? coding.source : 0)};
    default:
      throw outOfRange('coding method', index);
  }
}

type Coded<M> = Extract<TensorCoding, {method: M}> | undefined;

/** For floats `scale` is the step, for integers the word of level 0. */
function codeLinear(coder: BitCoder, elements: Elements, lastExtent: number, given: Coded<'linear'>): TensorCoding {
  if (elements.kind === 'opaque' || elements.mantissa === 10) throw outOfRange('linear coding of type', elements.kind);
  const layout = codeLayout(coder, lastExtent, given);
  if (elements.kind === 'integer') {
    const scale = coder.raw(given?.scale ?? 0, elements.size * 8);
    return {method: 'linear', ...layout, scale: elements.signed ? scale | 0 : scale};
  }
  number32[0] = given?.scale ?? 0;
  word32[0] = coder.raw(word32[0]!, 32);
  const scale = number32[0]!;
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) throw outOfRange('step', scale);
  return {method: 'linear', ...layout, scale};
}

function codePalette(coder: BitCoder, elements: Elements, lastExtent: number, given: Coded<'palette'>): TensorCoding {
  if (elements.kind === 'opaque') throw outOfRange('palette coding of type', elements.kind);
  const layout = codeLayout(coder, lastExtent, given);
  const length = codeNumber(coder, (given?.palette.length ?? 1) - 1) + 1;
  if (length > PALETTE_MAX) throw outOfRange('palette length', length);
  const zero = codeNumber(coder, given?.zero ?? 0);
  if (zero >= length) throw outOfRange('palette zero', zero);
  const bits = elements.size * 8;
  const shift = coder.raw(given === undefined ? 0 : commonZeros(given.palette, bits), 5);
  if (shift >= bits) throw outOfRange('palette shift', shift);
  const palette = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    palette[i] = coder.raw((given?.palette[i] ?? 0) >>> shift, bits - shift) << shift;
  }
  return {method: 'palette', ...layout, palette, zero};
}

function codeFloat(coder: BitCoder, elements: Elements, lastExtent: number, given: Coded<'float'>): TensorCoding {
  if (elements.kind !== 'float') throw outOfRange('float coding of type', elements.kind);
  const layout = codeLayout(coder, lastExtent, given);
  const shift = coder.raw(given?.shift ?? 0, 5);
  const top = coder.raw(given?.top ?? 0, elements.mantissa === 23 ? 8 : 5);
  if (shift > elements.mantissa) throw outOfRange('mantissa shift', shift);
  return {method: 'float', ...layout, shift, top};
}

interface Layout {
  readonly columns: number;
  readonly period: number;
}

function codeLayout(coder: BitCoder, lastExtent: number, given: Layout | undefined): Layout {
  const usual = codeFlag(coder, given?.columns === lastExtent);
  const columns = usual ? lastExtent : codeNumber(coder, given?.columns ?? 0);
  const period = codeNumber(coder, (given?.period ?? 1) - 1) + 1;
  if (columns < 1 || columns > COLUMNS_MAX) throw outOfRange('number of columns', columns);
  if (period * columns > Math.max(columns, PERIOD_CELLS_MAX)) throw outOfRange('period', period);
  return {columns, period};
}

/** Low bits that are zero in every word, at most 31 and fewer than a word has. */
function commonZeros(words: Uint32Array, bits: number): number {
  const all = words.reduce((union, word) => union | word, 0);
  return all === 0 ? bits - 1 : 31 - Math.clz32(all & -all);
}

function outOfRange(what: string, value: number | string): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `A weight's ${what} is out of range in this .tfmz file: ${value}. Fetch the file again.`,
  );
}

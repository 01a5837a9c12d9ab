import {TfmotError} from '../../../errors.ts';
import type {BitCoder} from '../coder/bit-coder.ts';
import {codeFlag, codeNumber} from '../coder/numbers.ts';
import type {Version} from './container.ts';
import type {Elements} from './elements.ts';
import {codePaletteWords, codeStep, type PaletteWords} from './palette-words.ts';

/** How one weight is coded. `columns` and `period` lay its words out as the grid of {@link beginGrid}. */
export type TensorCoding =
  | {
      readonly method: 'linear';
      readonly columns: number;
      readonly period: number;
      /** Of floats the step, of integers the word of level 0. */
      readonly scale: number;
      /** Whether a level is what is coded plus the level before it, as counted up in a table. */
      readonly running: boolean;
    }
  | ({
      /** `indices` holds at most 256 words; their places in the palette are coded as bytes that repeat. */
      readonly method: 'palette' | 'indices';
      readonly columns: number;
      readonly period: number;
      /** Which word is level 0. */
      readonly zero: number;
    } & PaletteWords)
  | {
      readonly method: 'float';
      readonly columns: number;
      readonly period: number;
      readonly shift: number;
      readonly top: number;
    }
  | {readonly method: 'bytes'}
  | {
      /** Zeros of both signs: `inner` codes the magnitudes of zeros, a pass of its own their signs. Format 2. */
      readonly method: 'signed';
      readonly inner: SignedInner;
    }
  | {
      readonly method: 'copy';
      /** Index of the earlier weight with the same bytes. */
      readonly source: number;
    };

/** What a signed coding may hold. */
export type SignedInner = CodingBy<'linear' | 'palette' | 'float'>;

/** A coding by one of some methods. */
export type CodingBy<M extends TensorCoding['method']> = TensorCoding extends infer C
  ? C extends {readonly method: infer Own}
    ? M extends Own
      ? C
      : never
    : never
  : never;

/** The methods of format 1; format 2 has the last ones besides. */
const METHODS = ['linear', 'palette', 'float', 'bytes', 'copy', 'indices'] as const;
const METHODS_2 = [...METHODS, 'signed'] as const;
/** The most words a palette of indices holds: an index is a byte. */
export const INDICES_MAX = 256;
/** The widest grid, and the most cells of a period: what a decoder keeps beside its output is bounded by both. */
export const COLUMNS_MAX = 65536;
/** See {@link COLUMNS_MAX}. */
export const PERIOD_CELLS_MAX: number = 1 << 18;
/** The most words a palette holds. */
export const PALETTE_MAX = 4096;

/**
 * Codes a weight's header; a decoder gives `undefined` and gets what was coded.
 *
 * @param lastExtent The last extent of the weight's shape, the usual number of columns.
 * @param version Of the format: 1 lacks some methods.
 * @throws TfmotError `corrupt-file` when a field is out of its range.
 */
export function codeTensorHeader(
  coder: BitCoder,
  elements: Elements,
  lastExtent: number,
  coding: TensorCoding | undefined,
  version: Version = 2,
): TensorCoding {
  const index = coder.raw(coding === undefined ? 0 : METHODS_2.indexOf(coding.method), 3);
  const method = (version === 1 ? METHODS : METHODS_2)[index];
  switch (method) {
    case 'linear':
      return codeLinear(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'palette':
    case 'indices':
      return codePalette(
        method,
        coder,
        elements,
        lastExtent,
        coding?.method === 'palette' || coding?.method === 'indices' ? coding : undefined,
      );
    case 'float':
      return codeFloat(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'bytes':
      return {method};
    case 'copy':
      return {method, source: codeNumber(coder, coding?.method === method ? coding.source : 0)};
    case 'signed': {
      const inner = codeTensorHeader(coder, elements, lastExtent, coding?.method === method ? coding.inner : undefined);
      if (elements.kind !== 'float' || !isSignedInner(inner)) throw outOfRange('signed coding', inner.method);
      return {method, inner};
    }
    default:
      throw outOfRange('coding method', index);
  }
}

function isSignedInner(coding: TensorCoding): coding is SignedInner {
  return coding.method === 'linear' || coding.method === 'palette' || coding.method === 'float';
}

type Coded<M extends TensorCoding['method']> = CodingBy<M> | undefined;

function codeLinear(coder: BitCoder, elements: Elements, lastExtent: number, given: Coded<'linear'>): TensorCoding {
  if (elements.kind === 'opaque' || elements.mantissa === 10) throw outOfRange('linear coding of type', elements.kind);
  const layout = {...codeLayout(coder, elements, lastExtent, given), running: codeFlag(coder, given?.running === true)};
  if (elements.kind === 'integer') {
    const scale = coder.raw(given?.scale ?? 0, elements.size * 8);
    return {method: 'linear', ...layout, scale: elements.signed ? scale | 0 : scale};
  }
  return {method: 'linear', ...layout, scale: codeStep(coder, given?.scale ?? 0)};
}

function codePalette(
  method: 'palette' | 'indices',
  coder: BitCoder,
  elements: Elements,
  lastExtent: number,
  given: Coded<'palette' | 'indices'>,
): TensorCoding {
  if (elements.kind === 'opaque') throw outOfRange('palette coding of type', elements.kind);
  const layout = codeLayout(coder, elements, lastExtent, given);
  const length = codeNumber(coder, (given?.palette.length ?? 1) - 1) + 1;
  if (length > Math.min(elements.count, method === 'palette' ? PALETTE_MAX : INDICES_MAX))
    throw outOfRange('palette length', length);
  const zero = codeNumber(coder, given?.zero ?? 0);
  if (zero >= length) throw outOfRange('palette zero', zero);
  return {method, ...layout, zero, ...codePaletteWords(coder, elements, length, given)};
}

function codeFloat(coder: BitCoder, elements: Elements, lastExtent: number, given: Coded<'float'>): TensorCoding {
  if (elements.kind !== 'float') throw outOfRange('float coding of type', elements.kind);
  const layout = codeLayout(coder, elements, lastExtent, given);
  const shift = coder.raw(given?.shift ?? 0, 5);
  const top = coder.raw(given?.top ?? 0, elements.mantissa === 23 ? 8 : 5);
  if (shift > elements.mantissa) throw outOfRange('mantissa shift', shift);
  return {method: 'float', ...layout, shift, top};
}

interface Layout {
  readonly columns: number;
  readonly period: number;
}

function codeLayout(coder: BitCoder, {count}: Elements, lastExtent: number, given: Layout | undefined): Layout {
  const usual = codeFlag(coder, given?.columns === lastExtent);
  const columns = usual ? lastExtent : codeNumber(coder, given?.columns ?? 0);
  const period = codeNumber(coder, (given?.period ?? 1) - 1) + 1;
  if (columns < 1 || columns > Math.min(COLUMNS_MAX, count)) throw outOfRange('number of columns', columns);
  if (period > 1 && period * columns > Math.min(PERIOD_CELLS_MAX, count)) throw outOfRange('period', period);
  return {columns, period};
}

function outOfRange(what: string, value: number | string): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `A weight's ${what} is out of range in this .tfmz file: ${value}. Fetch the file again.`,
  );
}

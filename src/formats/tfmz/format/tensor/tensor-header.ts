import {TfmotError} from '../../../../errors.ts';
import type {BitCoder} from '../../coder/bit-coder.ts';
import {PALETTE_WORD, WEIGHT} from '../../coder/costs.ts';
import {codeFlag, codeNumber} from '../../coder/numbers.ts';
import type {Version} from '../../coder/version.ts';
import type {Elements} from '../elements.ts';
import type {SectionCoder} from '../section-coder.ts';
import {codePaletteWords, codeStep, type PaletteWords} from './palette-words.ts';
import {type Copies, codeCopies, restOf} from './pieces.ts';

/** How one weight is coded. `columns` and `period` lay its words out as the grid of {@link beginGrid}. */
export type TensorCoding =
  | {
      readonly method: 'linear';
      readonly columns: number;
      readonly period: number;
      /** Of floats the step, 0 for places among all floats (format 2), of integers the word of level 0. */
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
      /** Stretches that stood before are copied, `inner` codes the rest. Format 2. */
      readonly method: 'pieces';
      readonly copies: Copies;
      readonly inner: PiecesInner;
    }
  | {
      readonly method: 'copy';
      /** Index of the earlier weight with the same bytes. */
      readonly source: number;
    };

/** What a signed coding may hold. */
export type SignedInner = CodingBy<'linear' | 'palette' | 'float'>;

/** What a coding by pieces may hold. */
export type PiecesInner = CodingBy<'linear' | 'palette' | 'float' | 'bytes' | 'indices' | 'signed'>;

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
const METHODS_2 = [...METHODS, 'signed', 'pieces'] as const;
/** The most words a palette of indices holds: an index is a byte. */
export const INDICES_MAX = 256;
/** The widest grid, and the most cells of a period: what a decoder keeps beside its output is bounded by both. */
export const COLUMNS_MAX = 65536;
/** See {@link COLUMNS_MAX}. */
export const PERIOD_CELLS_MAX: number = 1 << 18;
/** The most words a palette holds. */
export const PALETTE_MAX: Readonly<Record<Version, number>> = {1: 4096, 2: 65_536};

/**
 * Codes a weight's header; a decoder gives `undefined` and gets what was coded.
 *
 * @param lastExtent The last extent of the weight's shape, the usual number of columns.
 * @throws TfmotError `corrupt-file` when a field is out of its range.
 */
export function codeTensorHeader(
  section: Pick<SectionCoder, 'coder' | 'meter' | 'version'>,
  elements: Elements,
  lastExtent: number,
  coding: TensorCoding | undefined,
): TensorCoding {
  const {coder, meter, version} = section;
  const index = coder.raw(coding === undefined ? 0 : METHODS_2.indexOf(coding.method), 3);
  const method = (version === 1 ? METHODS : METHODS_2)[index];
  meter.spend(WEIGHT);
  switch (method) {
    case 'linear':
      return codeLinear(section, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'palette':
    case 'indices': {
      const given = coding?.method === 'palette' || coding?.method === 'indices' ? coding : undefined;
      return codePalette(method, section, elements, lastExtent, given);
    }
    case 'float':
      return codeFloat(coder, elements, lastExtent, coding?.method === method ? coding : undefined);
    case 'bytes':
      return {method};
    case 'copy':
      return {method, source: codeNumber(coder, coding?.method === method ? coding.source : 0)};
    case 'signed': {
      const given = coding?.method === method ? coding.inner : undefined;
      const inner = codeTensorHeader(section, elements, lastExtent, given);
      const fits = inner.method === 'linear' || inner.method === 'palette' || inner.method === 'float';
      if (elements.kind !== 'float' || !fits) throw outOfRange('signed coding', inner.method);
      return {method, inner};
    }
    case 'pieces': {
      const given = coding?.method === method ? coding : undefined;
      const copies = codeCopies(coder, elements.count, given?.copies, meter);
      const rest = {...elements, count: restOf(elements.count, copies)};
      const inner = codeTensorHeader(section, rest, lastExtent, given?.inner);
      if (inner.method === 'copy' || inner.method === 'pieces') throw outOfRange('coding of pieces', inner.method);
      return {method, copies, inner};
    }
    default:
      throw outOfRange('coding method', index);
  }
}

type Coded<M extends TensorCoding['method']> = CodingBy<M> | undefined;

function codeLinear(
  {coder, version}: Pick<SectionCoder, 'coder' | 'version'>,
  elements: Elements,
  lastExtent: number,
  given: Coded<'linear'>,
): TensorCoding {
  if (elements.kind === 'opaque' || (version === 1 && elements.mantissa === 10))
    throw outOfRange('linear coding of type', elements.kind);
  const layout = {...codeLayout(coder, elements, lastExtent, given), running: codeFlag(coder, given?.running === true)};
  if (elements.kind === 'integer') {
    const scale = coder.raw(given?.scale ?? 0, elements.size * 8);
    return {method: 'linear', ...layout, scale: elements.signed ? scale | 0 : scale};
  }
  const byPlaces = version > 1 && codeFlag(coder, given?.scale === 0);
  if (!byPlaces && elements.mantissa === 10) throw outOfRange('step of type', 'float16');
  return {method: 'linear', ...layout, scale: byPlaces ? 0 : codeStep(coder, given?.scale ?? 0)};
}

function codePalette(
  method: 'palette' | 'indices',
  {coder, meter, version}: Pick<SectionCoder, 'coder' | 'meter' | 'version'>,
  elements: Elements,
  lastExtent: number,
  given: Coded<'palette' | 'indices'>,
): TensorCoding {
  if (elements.kind === 'opaque') throw outOfRange('palette coding of type', elements.kind);
  const layout = codeLayout(coder, elements, lastExtent, given);
  const length = codeNumber(coder, (given?.palette.length ?? 1) - 1) + 1;
  if (length > Math.min(elements.count, method === 'palette' ? PALETTE_MAX[version] : INDICES_MAX))
    throw outOfRange('palette length', length);
  meter.spend(PALETTE_WORD * length);
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

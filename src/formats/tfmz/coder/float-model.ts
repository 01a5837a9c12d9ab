import {TfmotError} from '../../../errors.ts';
import type {BitCoder} from './bit-coder.ts';
import {beginGrid, codeRow, type GridModel, gridModel} from './grid-model.ts';
import {codeSlot, EVEN_SLOT} from './mixture.ts';

/** The first mantissa bits have a slot for each prefix and each of the 16 highest exponents. */
const MODELLED_BITS = 3;
const EXPONENTS = 16;

/**
 * The model of float words coded without loss: zeros, signs and exponents are levels on a grid, 1 for the tensor's highest
 * exponent, 2 for the next lower; the mantissas follow row by row.
 */
export interface FloatModel {
  readonly exponents: GridModel;
  readonly mantissas: Uint32Array;
}

/** What a tensor's floats have in common. */
export interface FloatLayout {
  /** Mantissa bits of the format, 23 or 10. */
  readonly mantissa: number;
  /** Low mantissa bits that are zero in every word. */
  readonly shift: number;
  /** The highest exponent field. */
  readonly top: number;
}

/** A fresh model. */
export function floatModel(): FloatModel {
  return {exponents: gridModel(), mantissas: new Uint32Array(EXPONENTS << MODELLED_BITS).fill(EVEN_SLOT)};
}

/** Begins a tensor of `columns` columns; see {@link beginGrid}. */
export function beginFloats(model: FloatModel, columns: number, period: number): void {
  beginGrid(model.exponents, columns, period);
}

/**
 * Codes the next row of words in place; a decoder fills them in.
 *
 * @throws TfmotError `corrupt-file` when a decoded level has no exponent.
 */
export function codeFloatRow(
  model: FloatModel,
  coder: BitCoder,
  layout: FloatLayout,
  words: Uint16Array | Uint32Array,
  levels: Int32Array,
  length: number,
): void {
  const {mantissa, shift, top} = layout;
  const signAt = mantissa === 23 ? 31 : 15;
  const exponentMask = (1 << (signAt - mantissa)) - 1;
  for (let c = 0; c < length; c++) {
    const word = words[c]!;
    const level = top + 1 - ((word >>> mantissa) & exponentMask);
    levels[c] = word === 0 ? 0 : word >>> signAt === 1 ? -level : level;
  }
  codeRow(model.exponents, coder, levels, length);
  const bits = mantissa - shift;
  const mantissaMask = (1 << mantissa) - 1;
  for (let c = 0; c < length; c++) {
    const level = levels[c]!;
    if (level === 0) {
      words[c] = 0;
      continue;
    }
    const magnitude = level < 0 ? -level : level;
    if (magnitude > top + 1) throw noExponent(magnitude);
    const fraction = codeMantissa(model, coder, magnitude, (words[c]! & mantissaMask) >>> shift, bits);
    words[c] = ((level < 0 ? 1 : 0) << signAt) | ((top + 1 - magnitude) << mantissa) | (fraction << shift);
  }
}

function codeMantissa(model: FloatModel, coder: BitCoder, level: number, fraction: number, bits: number): number {
  const base = (level < EXPONENTS ? level : EXPONENTS - 1) << MODELLED_BITS;
  const modelled = Math.min(bits, MODELLED_BITS);
  let prefix = 1;
  for (let i = 1; i <= modelled; i++) {
    prefix = (prefix << 1) | codeSlot(model.mantissas, base + prefix, coder, (fraction >>> (bits - i)) & 1);
  }
  const rest = bits - modelled;
  const high = prefix - (1 << modelled);
  return (high << rest) | coder.raw(fraction & ((1 << rest) - 1), rest);
}

function noExponent(level: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `Every coded level must stand for an exponent, but ${level} does not. Fetch the file again.`,
  );
}

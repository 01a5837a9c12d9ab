import {TfmotError} from '../../../errors.ts';
import type {BitCoder} from './bit-coder.ts';
import {RAW_BIT, SLOT} from './costs.ts';
import {type GridModel, gridModel} from './grid-model.ts';
import {codeSlot, EVEN_SLOT} from './mixture.ts';
import type {Version} from './version.ts';

/** The first mantissa bits have a slot for each prefix and each of the 16 highest exponents. */
const MODELLED_BITS = 3;
const EXPONENTS = 16;

/**
 * The model of float words coded without loss: zeros, signs and exponents are levels on a grid, 1 for the tensor's
 * highest exponent, 2 for the next lower, coded by {@link codeCells}; after each row its mantissas follow.
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
export function floatModel(version: Version): FloatModel {
  return {exponents: gridModel(version), mantissas: new Uint32Array(EXPONENTS << MODELLED_BITS).fill(EVEN_SLOT)};
}

/** The levels of a row of words: 0 for the word 0, else the float's sign and how far its exponent is below the top. */
export function levelsOfFloats(
  {mantissa, top}: FloatLayout,
  words: ArrayLike<number>,
  levels: Int32Array,
  length: number,
): void {
  const signAt = mantissa === 23 ? 31 : 15;
  const exponentMask = (1 << (signAt - mantissa)) - 1;
  for (let c = 0; c < length; c++) {
    const word = words[c]!;
    const level = top + 1 - ((word >>> mantissa) & exponentMask);
    levels[c] = word === 0 ? 0 : word >>> signAt === 1 ? -level : level;
  }
}

/**
 * Codes the mantissas of words `from` to `to - 1`, whose levels are known; a decoder fills the words in.
 *
 * @returns What that cost, in decisions.
 * @throws TfmotError `corrupt-file` when a decoded level has no exponent.
 */
export function codeMantissas(
  model: FloatModel,
  coder: BitCoder,
  {mantissa, shift, top}: FloatLayout,
  words: Uint8Array | Uint16Array | Uint32Array,
  levels: Int32Array,
  from: number,
  to: number,
): number {
  const signAt = mantissa === 23 ? 31 : 15;
  const bits = mantissa - shift;
  const mantissaMask = (1 << mantissa) - 1;
  let coded = 0;
  for (let c = from; c < to; c++) {
    const level = levels[c]!;
    if (level === 0) {
      words[c] = 0;
      continue;
    }
    const magnitude = level < 0 ? -level : level;
    if (magnitude > top + 1) throw noExponent(magnitude);
    const fraction = codeMantissa(model, coder, magnitude, (words[c]! & mantissaMask) >>> shift, bits);
    words[c] = ((level < 0 ? 1 : 0) << signAt) | ((top + 1 - magnitude) << mantissa) | (fraction << shift);
    coded++;
  }
  return coded * (SLOT * MODELLED_BITS + RAW_BIT * Math.max(0, bits - MODELLED_BITS));
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

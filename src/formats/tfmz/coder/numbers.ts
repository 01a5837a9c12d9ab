import type {BitCoder} from './bit-coder.ts';
import {codeSlot} from './mixture.ts';

/** Codes an unsigned number below 2^32 - 1 by its length in unary and its bits (Elias gamma of `value + 1`). */
export function codeNumber(coder: BitCoder, value: number): number {
  const plus = value + 1;
  const given = 31 - Math.clz32(plus);
  let length = 0;
  while (length < 31 && coder.raw(given > length ? 1 : 0, 1) === 1) length++;
  return ((1 << length) >>> 0) + coder.raw(plus & ((1 << length) - 1), length) - 1;
}

/** Codes one of two answers, equally likely. */
export function codeFlag(coder: BitCoder, value: boolean): boolean {
  return coder.raw(value ? 1 : 0, 1) === 1;
}

/** Slots that {@link codeLearnedNumber} needs. */
export const LENGTH_SLOTS = 33;

/**
 * As {@link codeNumber} for numbers below 2^32, with a slot for each place of the length, so that likely lengths cost
 * less.
 */
export function codeLearnedNumber(slots: Uint32Array, coder: BitCoder, value: number): number {
  const given = 32 - Math.clz32(value);
  let length = 0;
  while (length < 32 && codeSlot(slots, length, coder, given > length ? 1 : 0) === 1) length++;
  if (length < 2) return length;
  const top = 2 ** (length - 1);
  return top + coder.raw(value - top, length - 1);
}

import {InvalidArgumentError} from 'commander';
import {checkSparsity} from '../masks/check-sparsity.ts';

/** A share of weights: `0.9`. */
export function sparsity(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  try {
    checkSparsity('sparsity', value);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return value;
}

/** Two positive whole numbers: `4,1`. */
export function pair(text: string): readonly [number, number] {
  const parts = text.split(',').map(Number);
  const [first, second] = parts;
  if (parts.length !== 2 || !parts.every(part => Number.isSafeInteger(part) && part > 0)) {
    throw new InvalidArgumentError('It must be two positive whole numbers such as 4,1.');
  }
  return [first!, second!];
}

/** m zeros in every n weights: `2,4`. */
export function mByN(text: string): readonly [number, number] {
  const [m, n] = pair(text);
  if (m >= n) throw new InvalidArgumentError(`Of every ${n} weights at most ${n - 1} can be zero.`);
  return [m, n];
}

/** A positive number. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** A whole number in a range. */
export function integer(least: number, most: number): (text: string) => number {
  return text => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

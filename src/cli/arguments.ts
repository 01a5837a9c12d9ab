import {InvalidArgumentError} from 'commander';

/** A share of all weights, below 1: `0.9`, `90%` or `0,9`. */
export function sparsity(text: string): number {
  const value = fraction(text);
  if (value >= 0 && value < 1) return value;
  const hint = value > 1 && value < 100 ? ` Did you mean ${value / 100} or ${value}%?` : '';
  throw new InvalidArgumentError(`It must be a share from 0 to below 1, such as 0.8 or 80%.${hint}`);
}

/** A share from 0 to 1: `0.01` or `1%`. */
export function share(text: string): number {
  const value = fraction(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a share from 0 to 1, such as 0.01 or 1%.');
}

/** What a share says: with a point or a comma, as a fraction or in percent; NaN for anything else. */
function fraction(text: string): number {
  const [, number, percent] = /^\s*(\d*[.,]?\d+)\s*(%?)\s*$/.exec(text) ?? [];
  const value = Number(number?.replace(',', '.'));
  return percent === '%' ? value / 100 : value;
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

/** A positive number, with a point or a comma. */
export function positive(text: string): number {
  const value = Number(text.replace(',', '.'));
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

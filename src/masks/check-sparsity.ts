import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';

/** @throws TfmotError `invalid-sparsity` unless `value` is a number in [0, 1). */
export function checkSparsity(name: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && value >= 0 && value < 1) return;
  const hint = typeof value === 'number' && value > 1 && value < 100 ? ` Did you mean ${value / 100}?` : '';
  throw new TfmotError(
    'invalid-sparsity',
    `${name} must be a number in [0, 1), the fraction of weights that become zero, but got ${show(value)}.${hint}`,
  );
}

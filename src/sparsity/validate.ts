import {TfmotError} from '../errors.ts';
import {show} from '../live/given.ts';

/** @throws TfmotError `invalid-sparsity` unless `value` is a number in [0, 1). */
export function checkSparsity(name: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && value >= 0 && value < 1) return;
  const hint = typeof value === 'number' && value > 1 && value < 100 ? ` Did you mean ${value / 100}?` : '';
  throw new TfmotError(
    'invalid-sparsity',
    `${name} must be a number in [0, 1), the fraction of weights that become zero, but got ${show(value)}.${hint}`,
  );
}

/**
 * Checks the steps of a schedule.
 *
 * @param endless Whether `endStep` may be -1, for no end.
 * @throws TfmotError `invalid-schedule`.
 */
export function checkSteps(beginStep: unknown, endStep: unknown, frequency: unknown, endless: boolean): void {
  if (!isInteger(beginStep) || beginStep < 0) fail('beginStep must be an integer of at least 0', beginStep);
  if (endless ? !(endStep === -1 || (isInteger(endStep) && endStep >= 0)) : !isInteger(endStep) || endStep < 0) {
    fail(`endStep must be an integer of at least 0${endless ? ', or -1 for no end' : ''}`, endStep);
  }
  if (endStep !== -1 && (endStep as number) < (beginStep as number)) {
    fail(`endStep must not come before beginStep ${show(beginStep)}`, endStep);
  }
  if (!isInteger(frequency) || frequency <= 0) fail('frequency must be a positive integer number of steps', frequency);
}

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function fail(rule: string, value: unknown): never {
  throw new TfmotError('invalid-schedule', `${rule}, but got ${show(value)}.`);
}

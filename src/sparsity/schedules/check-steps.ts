import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';

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

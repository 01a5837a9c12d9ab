import {namedOptions} from '../../live/call.ts';
import {checkSparsity} from '../../masks/check-sparsity.ts';
import {checkSteps} from './check-steps.ts';
import type {PruningSchedule} from './schedule.ts';

/** Settings of {@link constantSparsity}. */
export interface ConstantSparsityOptions {
  /** The fraction of weights that become zero, in [0, 1). */
  readonly targetSparsity: number;
  /** The step from which masks may be updated, counted from 1; 0 works as `frequency` does. */
  readonly beginStep: number;
  /** The last step at which masks may be updated, or -1 (default) for no end. */
  readonly endStep?: number;
  /** Masks are updated every this many steps from `beginStep` on; 100 by default. */
  readonly frequency?: number;
}

const NAMES = [
  'targetSparsity',
  'beginStep',
  'endStep',
  'frequency',
] as const satisfies readonly (keyof ConstantSparsityOptions)[];

/**
 * The same sparsity at every update: at `beginStep` and every `frequency` steps after it, up to and including
 * `endStep`. Steps count from 1, so with `beginStep` 0 the first update falls on step `frequency`.
 *
 * @throws TfmotError `invalid-argument`, `invalid-sparsity`, `invalid-schedule`.
 */
export function constantSparsity(options: ConstantSparsityOptions): PruningSchedule;
export function constantSparsity(...given: unknown[]): PruningSchedule {
  const options = namedOptions<ConstantSparsityOptions>('constantSparsity', NAMES, given);
  const {targetSparsity, beginStep, endStep = -1, frequency = 100} = options;
  checkSparsity('targetSparsity', targetSparsity);
  checkSteps(beginStep, endStep, frequency, true);
  return Object.freeze({
    sparsityAt: () => targetSparsity,
    shouldPruneAt: (step: number) =>
      step >= beginStep && (step <= endStep || endStep < 0) && (step - beginStep) % frequency === 0,
    getConfig: () => ({className: 'ConstantSparsity', config: {targetSparsity, beginStep, endStep, frequency}}),
  });
}

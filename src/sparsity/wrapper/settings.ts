import {TfmotError} from '../../errors.ts';
import type {Pattern} from '../../masks/pattern.ts';
import {type PatternOptions, patternOf} from '../../masks/pattern-options.ts';
import {checkOptionNames} from '../../option-names.ts';
import {show} from '../../show.ts';
import {isPruningPolicy} from '../policies/policy.ts';
import {constantSparsity} from '../schedules/constant-sparsity.ts';
import {isPruningSchedule, type PruningSchedule} from '../schedules/schedule.ts';

/** How a layer is pruned. */
export interface PruningParams extends PatternOptions {
  /** When and how much; by default half of the weights, every 100 steps. */
  readonly pruningSchedule?: PruningSchedule;
}

/** Checked settings, with defaults filled in. */
export interface PruningSettings {
  readonly schedule: PruningSchedule;
  readonly pattern: Pattern;
}

/** The names of {@link PruningParams}. */
export const PRUNING_PARAMS: readonly string[] = [
  'pruningSchedule',
  'blockSize',
  'blockPoolingType',
  'sparsityMByN',
] satisfies readonly (keyof PruningParams)[];

/**
 * Checks the settings of a layer.
 *
 * @param caller Whose they are, as the message says it.
 * @param names All that `caller` knows.
 * @throws TfmotError `invalid-argument`, `invalid-schedule`, `invalid-block-size`, `invalid-m-by-n`.
 */
export function pruningSettings(
  params: PruningParams,
  caller: string,
  names: readonly string[] = PRUNING_PARAMS,
): PruningSettings {
  if (typeof params !== 'object' || params === null) {
    throw new TfmotError(
      'invalid-argument',
      `Pruning settings must be an object {pruningSchedule, ...}, but got ${show(params)}.`,
    );
  }
  if (isPruningSchedule(params)) throw byName(caller, 'a schedule', 'pruningSchedule');
  if (isPruningPolicy(params)) throw byName(caller, 'a policy', 'pruningPolicy');
  checkOptionNames(params, names, caller);
  const {pruningSchedule = constantSparsity({targetSparsity: 0.5, beginStep: 0})} = params;
  if (!isPruningSchedule(pruningSchedule)) {
    throw new TfmotError(
      'invalid-schedule',
      `pruningSchedule must have the methods sparsityAt, shouldPruneAt and getConfig, but got ${show(pruningSchedule)}. ` +
        'Use constantSparsity({...}) or polynomialDecay({...}).',
    );
  }
  return {schedule: pruningSchedule, pattern: patternOf(params)};
}

function byName(caller: string, what: string, name: string): TfmotError {
  return new TfmotError('invalid-argument', `${caller} takes ${what} by name, in an object: {${name}: ...}.`);
}

import {TfmotError} from '../errors.ts';
import type {Pattern} from '../masks/pattern.ts';
import {type PatternOptions, patternOf} from '../masks/pattern-options.ts';
import {show} from '../show.ts';
import {constantSparsity} from './constant-sparsity.ts';
import {isPruningSchedule, type PruningSchedule} from './schedule.ts';

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

/**
 * Checks the settings of a layer.
 *
 * @throws TfmotError `invalid-schedule`, `invalid-block-size`, `invalid-m-by-n`.
 */
export function pruningSettings(params: PruningParams): PruningSettings {
  if (typeof params !== 'object' || params === null) {
    throw new TfmotError(
      'invalid-argument',
      `Pruning settings must be an object {pruningSchedule, ...}, but got ${show(params)}.`,
    );
  }
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

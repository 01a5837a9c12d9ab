import {scalar, tensor, tidy} from '@tensorflow/tfjs-core';
import {TfmotError} from '../../errors.ts';
import {assign} from '../../live/weights.ts';
import {computeMask} from '../../masks/mask.ts';
import type {Pattern} from '../../masks/pattern.ts';
import {firstNonFinite} from '../../masks/statistics.ts';
import type {WeightMask} from '../../masks/weight-mask.ts';
import {show} from '../../show.ts';
import type {PruningSchedule} from '../schedules/schedule.ts';
import type {PruneLowMagnitude} from '../wrapper/prune-low-magnitude.ts';
import type {PrunedWeight} from '../wrapper/pruned-weight.ts';

/** The last step that an int32 counts: late enough for any schedule to have reached its end. */
const LAST_STEP = 2 ** 31 - 1;

/** A mask that is computed and not yet in force. */
export interface MaskUpdate {
  readonly pruned: PrunedWeight;
  readonly mask: WeightMask;
}

/**
 * The masks that a layer gets at `step`, from its weights as they are. Reads weights back without blocking; changes
 * nothing.
 *
 * @throws TfmotError `non-finite-weight` naming the weight and step, `invalid-sparsity` when the schedule gives none.
 */
export async function computeMasks(wrapper: PruneLowMagnitude, step: number): Promise<MaskUpdate[]> {
  const sparsity = scheduledSparsity(wrapper.pruningSchedule, step);
  const updates: MaskUpdate[] = [];
  for (const pruned of wrapper.prunedWeights) {
    const values = (await pruned.weight.read().data()) as Float32Array;
    const pattern = patternAt(pruned.pattern, wrapper.pruningSchedule, sparsity);
    const mask = computeMask(values, pruned.weight.shape as number[], pattern, sparsity);
    if (!mask.finite) {
      const bad = firstNonFinite(values);
      throw new TfmotError(
        'non-finite-weight',
        `Weights must be finite when masks are updated, but ${pruned.weight.originalName} holds ${values[bad]} at index ${bad} in step ${step}. ` +
          'The masks stay as they were. Lower the learning rate or clip gradients, and go on from the last good checkpoint.',
      );
    }
    updates.push({pruned, mask});
  }
  return updates;
}

/** Puts computed masks in force. */
export function commitMasks(updates: readonly MaskUpdate[]): void {
  for (const {pruned, mask} of updates) {
    tidy(() => {
      assign(pruned.mask, tensor(mask.mask, pruned.weight.shape as number[], 'float32'));
      assign(pruned.threshold, scalar(mask.threshold, 'float32'));
    });
  }
}

/** The sparsity that a schedule asks for at `step`, checked. */
export function scheduledSparsity(schedule: PruningSchedule, step: number): number {
  const sparsity = schedule.sparsityAt(step);
  if (typeof sparsity === 'number' && sparsity >= 0 && sparsity <= 1) return sparsity;
  throw new TfmotError(
    'invalid-sparsity',
    `A schedule must give a sparsity in [0, 1), but ${schedule.getConfig().className} gave ${show(sparsity)} at step ${step}.`,
  );
}

/** The pattern in force at a sparsity: on a ramp, m:n groups lose weights in proportion, all m of them at its end. */
export function patternAt(pattern: Pattern, schedule: PruningSchedule, sparsity: number): Pattern {
  if (pattern.type !== 'm-by-n') return pattern;
  const final = scheduledSparsity(schedule, LAST_STEP);
  const share = sparsity === 0 ? 0 : sparsity / final;
  return {...pattern, m: Math.min(Math.round(pattern.m * share), pattern.m)};
}

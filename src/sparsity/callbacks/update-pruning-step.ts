import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {checkNoOptions} from '../../live/call.ts';
import {type Counter, StepCallback} from '../../live/step-callback.ts';
import {maskMisfit} from '../../masks/mask-misfit.ts';
import {neverPruned} from '../schedules/never-pruned.ts';
import {isWrapper, type PruneLowMagnitude} from '../wrapper/prune-low-magnitude.ts';
import {commitMasks, computeMasks} from './mask-update.ts';

/** Counts training steps and updates masks. Make it with {@link updatePruningStep}. */
export class UpdatePruningStep extends StepCallback<PruneLowMagnitude> {
  protected override readonly maker = 'updatePruningStep()';

  protected override counts(layer: layers.Layer): layer is PruneLowMagnitude {
    return isWrapper(layer);
  }

  protected override nothingToCount(model: LayersModel): TfmotError {
    return new TfmotError(
      'no-pruned-layers',
      `updatePruningStep() needs a model with pruned layers, but '${model.name}' has none. Train the model that pruneLowMagnitude returns.`,
    );
  }

  /** The masks of a loaded model must be masks of its patterns. */
  protected override async checkStates(wrapper: PruneLowMagnitude): Promise<void> {
    for (const {mask, pattern} of wrapper.prunedWeights) {
      const values = (await mask.read().data()) as Float32Array;
      const misfit = maskMisfit(values, mask.shape as number[], pattern);
      if (misfit === undefined) continue;
      throw new TfmotError(
        'mask-mismatch',
        `The masks of a checkpoint must fit the model, but in ${mask.originalName} ${misfit}. Load the weights that were saved with this model.`,
      );
    }
  }

  /** Where the schedule says so, masks from the current weights. */
  protected override async prepareStep(wrapper: PruneLowMagnitude, step: number): Promise<(() => void) | undefined> {
    if (!wrapper.pruningSchedule.shouldPruneAt(step)) return undefined;
    const updates = await computeMasks(wrapper, step);
    return () => commitMasks(updates);
  }

  /** Warns where a schedule never came to prune. */
  protected override ended(counters: readonly Counter<PruneLowMagnitude>[]): void {
    const warning = neverPruned(counters.map(({wrapper, step}) => ({schedule: wrapper.pruningSchedule, step})));
    if (warning !== undefined) console.warn(warning);
  }
}

/**
 * The callback that training a pruned model needs.
 *
 * It may stand in one list with others, class callbacks and plain objects: `[updatePruningStep(), {onEpochEnd: ...}]`.
 *
 * @example
 * await modelForPruning.fit(xs, ys, {epochs: 2, callbacks: [updatePruningStep()]});
 *
 * @example
 * const callback = updatePruningStep();
 * callback.setModel(modelForPruning);
 * await callback.onTrainBegin();
 * for (let i = 0; i < batches.length; i++) {
 *   await callback.onBatchBegin(i);
 *   await modelForPruning.trainOnBatch(batches[i].xs, batches[i].ys);
 * }
 * await callback.onEpochEnd(0);
 * await callback.onTrainEnd();
 */
export function updatePruningStep(): UpdatePruningStep;
export function updatePruningStep(...options: unknown[]): UpdatePruningStep {
  checkNoOptions(
    'updatePruningStep()',
    options,
    'fit gives it the model; in a loop of your own, call its setModel(model).',
  );
  return new UpdatePruningStep();
}

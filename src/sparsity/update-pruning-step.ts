import {nextFrame, type Scalar, scalar, util} from '@tensorflow/tfjs-core';
import {Callback, type History, type LayersModel} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {isContainer, isLayer, leafLayers} from '../live/walk.ts';
import {assign} from '../live/weights.ts';
import {maskMisfit} from '../masks/mask-misfit.ts';
import {show} from '../show.ts';
import {commitMasks, computeMasks, type MaskUpdate} from './mask-update.ts';
import {neverPruned} from './never-pruned.ts';
import {resumeOptimizer} from './resume-optimizer.ts';
import {isWrapper, type PruneLowMagnitude} from './wrapper.ts';

/** How long training may keep the event loop waiting, in ms: as long as TensorFlow.js' own callbacks do. */
const YIELD_EVERY_MS = 125;

/** A wrapped layer and the training steps it has done. */
interface Counter {
  readonly wrapper: PruneLowMagnitude;
  step: number;
}

/**
 * Counts training steps and updates masks. Make it with {@link updatePruningStep}.
 *
 * In `fit` and `fitDataset` TensorFlow.js calls it. A loop of your own, or one over `trainOnBatch`, calls `setModel`,
 * `await onTrainBegin()`, `await onBatchBegin(i)` before each batch, `await onEpochEnd(e)` and `await onTrainEnd()`.
 */
export class UpdatePruningStep extends Callback {
  private counters: Counter[] | undefined;
  private lastYield: number;

  constructor() {
    super();
    this.counters = undefined;
    this.lastYield = 0;
  }

  override setModel(model: LayersModel): void {
    if (!isLayer(model) || !isContainer(model)) {
      throw new TfmotError('invalid-argument', `setModel takes a tf.LayersModel, but got ${show(model)}.`);
    }
    this.model = model;
    this.counters = undefined;
  }

  /**
   * Starts counting: from 0, or on from where a loaded model stopped.
   *
   * @throws TfmotError `no-pruned-layers`, `mask-mismatch` when the masks of a loaded model do not fit it.
   */
  override async onTrainBegin(): Promise<void> {
    if (!(this instanceof UpdatePruningStep) || !this.model) {
      throw new TfmotError(
        'invalid-argument',
        'updatePruningStep() must be given its model before training begins. In fit, pass callbacks as a list of class callbacks ' +
          '([updatePruningStep(), new tf.CustomCallback({...})], no plain objects); in a loop of your own, call setModel(model) first.',
      );
    }
    const wrappers = leafLayers(this.model).filter(isWrapper);
    if (wrappers.length === 0) {
      throw new TfmotError(
        'no-pruned-layers',
        `updatePruningStep() needs a model with pruned layers, but '${this.model.name}' has none. Train the model that pruneLowMagnitude returns.`,
      );
    }
    const counters: Counter[] = [];
    for (const wrapper of wrappers) {
      const step = (await wrapper.pruningStep.read().data())[0]!;
      if (step > 0) await checkMasks(wrapper);
      counters.push({wrapper, step: Math.max(step, 0)});
    }
    this.counters = counters;
    this.writeSteps();
    await resumeOptimizer(this.model.optimizer);
    const goesOn = trainingOf(this.model);
    for (const {wrapper} of counters) wrapper.isCounted = goesOn;
    this.lastYield = util.now();
  }

  /**
   * Begins a training step: counts it, and where a schedule says so computes masks from the current weights.
   *
   * @throws TfmotError `non-finite-weight`; masks and steps then stay as they were, and the training is over: to go on,
   * call `onTrainBegin` again.
   */
  override async onBatchBegin(_batch?: number): Promise<void> {
    const counters = this.started();
    const updates: MaskUpdate[] = [];
    for (const {wrapper, step} of counters) {
      if (wrapper.pruningSchedule.shouldPruneAt(step + 1)) updates.push(...(await this.guarded(wrapper, step + 1)));
    }
    commitMasks(updates);
    for (const counter of counters) {
      // The pass would do this too, but under the gradient tape, which keeps the old weights until the step ends.
      counter.wrapper.applyMasks();
      counter.step++;
    }
    this.writeSteps();
    if (util.now() - this.lastYield > YIELD_EVERY_MS) {
      await nextFrame();
      this.lastYield = util.now();
    }
  }

  /** Leaves the weights sparse: the optimizer's last step has moved pruned ones away from zero. */
  override async onEpochEnd(_epoch?: number): Promise<void> {
    for (const {wrapper} of this.started()) wrapper.applyMasks();
  }

  /** Ends the training: weights sparse, and a warning where a schedule never came to prune. */
  override async onTrainEnd(): Promise<void> {
    const counters = this.started();
    for (const {wrapper} of counters) wrapper.applyMasks();
    this.stop();
    const warning = neverPruned(counters.map(({wrapper, step}) => ({schedule: wrapper.pruningSchedule, step})));
    if (warning !== undefined) console.warn(warning);
  }

  /** Masks for a step; where there can be none the training is over, and no pass may go on without a callback. */
  private async guarded(wrapper: PruneLowMagnitude, step: number): Promise<MaskUpdate[]> {
    try {
      return await computeMasks(wrapper, step);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  private stop(): void {
    for (const {wrapper} of this.started()) wrapper.isCounted = () => false;
    this.counters = undefined;
  }

  private started(): Counter[] {
    if (this.counters === undefined) {
      throw new TfmotError(
        'missing-callback',
        'updatePruningStep() must be started before its first batch: call setModel(model), then await onTrainBegin().',
      );
    }
    return this.counters;
  }

  private writeSteps(): void {
    // Wrappers nearly always agree, and then share one scalar: a small model's step takes little longer than making many.
    let value: Scalar | undefined;
    let shared = -1;
    for (const {wrapper, step} of this.counters!) {
      if (value === undefined || step !== shared) {
        value?.dispose();
        value = scalar(step, 'int32');
        shared = step;
      }
      assign(wrapper.pruningStep, value);
    }
    value?.dispose();
  }
}

/**
 * The callback that training a pruned model needs.
 *
 * With other callbacks, give a list of class callbacks: `[updatePruningStep(), new tf.CustomCallback({...})]`.
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
export function updatePruningStep(): UpdatePruningStep {
  return new UpdatePruningStep();
}

/**
 * Whether the training of `model` that begins now still goes on: a `fit` that fails is over without `onTrainEnd`, and the next
 * one has a history of its own.
 */
function trainingOf(model: LayersModel): () => boolean {
  const now = model as unknown as {readonly isTraining: boolean; readonly history: History};
  const {isTraining, history} = now;
  return () => now.history === history && (now.isTraining || !isTraining);
}

/** The masks of a loaded model must be masks of its patterns. */
async function checkMasks(wrapper: PruneLowMagnitude): Promise<void> {
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

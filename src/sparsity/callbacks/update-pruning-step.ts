import {nextFrame, type Scalar, scalar, util} from '@tensorflow/tfjs-core';
import {Callback, type History, type LayersModel} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {checkModel} from '../../live/given.ts';
import {allowPlainCallbacksBeside} from '../../live/mixed-callbacks.ts';
import {resumeOptimizer} from '../../live/resume-optimizer.ts';
import {leafLayers} from '../../live/walk.ts';
import {assign} from '../../live/weights.ts';
import {maskMisfit} from '../../masks/mask-misfit.ts';
import {checkNoOptions} from '../call.ts';
import {neverPruned} from '../schedules/never-pruned.ts';
import {isWrapper, type PruneLowMagnitude} from '../wrapper/prune-low-magnitude.ts';
import {commitMasks, computeMasks, type MaskUpdate} from './mask-update.ts';

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
  /** Whether training has begun since the model was given. */
  private begun: boolean;
  private goesOn: () => boolean;
  private lastYield: number;

  constructor() {
    super();
    this.counters = undefined;
    this.begun = false;
    this.goesOn = () => false;
    this.lastYield = 0;
    allowPlainCallbacksBeside(this);
  }

  /** @throws TfmotError `invalid-argument` for what is no model, or for a second one while the first is in training. */
  override setModel(model: LayersModel): void {
    checkModel(model, 'setModel', 'invalid-argument');
    const [first] = this.counters ?? [];
    if (first !== undefined && this.goesOn() && !leafLayers(model).includes(first.wrapper)) {
      throw oneModelAlone(`it is given '${model.name}' while '${this.model.name}' is in training`);
    }
    this.model = model;
    this.begun = false;
    this.counters = undefined;
  }

  /**
   * Starts counting: from 0, or on from where a loaded model stopped.
   *
   * @throws TfmotError `no-pruned-layers`, `mask-mismatch` when the masks of a loaded model do not fit it.
   */
  override async onTrainBegin(): Promise<void> {
    if (!this.model) {
      throw new TfmotError(
        'invalid-argument',
        'updatePruningStep() must be given its model before training begins: in a loop of your own, call setModel(model) first.',
      );
    }
    if (this.begun && isInFit(this.model)) {
      throw oneModelAlone(`a second training begins while '${this.model.name}' is in training`);
    }
    this.begun = true;
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
    this.goesOn = goesOn;
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
    this.begun = false;
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

function oneModelAlone(what: string): TfmotError {
  return new TfmotError(
    'invalid-argument',
    `One updatePruningStep() counts the steps of one model at a time, but ${what}. Make one for each model; in a loop of your own, end with onTrainEnd().`,
  );
}

/**
 * Whether the training of `model` that begins now still goes on: a `fit` that fails is over without `onTrainEnd`, and the next
 * one has a history of its own.
 */
function trainingOf(model: LayersModel): () => boolean {
  const now = model as unknown as {readonly history: History};
  const {history} = now;
  const inFit = isInFit(model);
  return () => now.history === history && (isInFit(model) || !inFit);
}

function isInFit(model: LayersModel): boolean {
  return (model as unknown as {readonly isTraining: boolean}).isTraining;
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

import {nextFrame, type Scalar, scalar, util} from '@tensorflow/tfjs-core';
import {Callback, type LayersModel, type layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import type {CountedWrapper} from './counted-wrapper.ts';
import {checkModel} from './given.ts';
import {allowPlainCallbacksBeside} from './mixed-callbacks.ts';
import {resumeOptimizer} from './resume-optimizer.ts';
import {insideTraining} from './tfjs-private.ts';
import {leafLayers} from './walk.ts';
import {assign} from './weights.ts';

/** How long training may keep the event loop waiting, in ms: as long as TensorFlow.js' own callbacks do. */
const YIELD_EVERY_MS = 125;

/** A wrapped layer and the training steps it has done. */
export interface Counter<W extends CountedWrapper> {
  readonly wrapper: W;
  readonly step: number;
}

type Counting<W extends CountedWrapper> = {-readonly [K in keyof Counter<W>]: Counter<W>[K]};

/**
 * Counts the training steps of wrapped layers, and lets a technique act before each. A training pass that it does not
 * count throws.
 *
 * In `fit` and `fitDataset` TensorFlow.js calls it. A loop of your own, or one over `trainOnBatch`, calls `setModel`,
 * `await onTrainBegin()`, `await onBatchBegin(i)` before each batch, `await onEpochEnd(e)` and `await onTrainEnd()`.
 */
export abstract class StepCallback<W extends CountedWrapper> extends Callback {
  /** What makes such a callback, as messages say it. */
  protected abstract readonly maker: string;
  private counters: Counting<W>[] | undefined;
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

  /** Whether a layer is one of those that this callback counts for. */
  protected abstract counts(layer: layers.Layer): layer is W;

  /** The error for a model without such a layer. */
  protected abstract nothingToCount(model: LayersModel): TfmotError;

  /** Checks the states of a layer that goes on from a step. Changes nothing. */
  protected abstract checkStates(wrapper: W): Promise<void>;

  /**
   * Prepares a training step, counted from 1, and changes nothing.
   *
   * @returns What puts it in force, once every layer is prepared; `undefined` where there is nothing to do.
   */
  protected abstract prepareStep(wrapper: W, step: number): Promise<(() => void) | undefined>;

  /** Runs when a training has ended. */
  protected abstract ended(counters: readonly Counter<W>[]): void;

  /** @throws TfmotError `invalid-argument` for what is no model, or for a second one while the first is in training. */
  override setModel(model: LayersModel): void {
    checkModel(model, 'setModel', 'invalid-argument');
    const [first] = this.counters ?? [];
    if (first !== undefined && this.goesOn() && !leafLayers(model).includes(first.wrapper)) {
      throw this.oneModelAlone(`it is given '${model.name}' while '${this.model.name}' is in training`);
    }
    this.model = model;
    this.begun = false;
    this.counters = undefined;
  }

  /**
   * Starts counting: from 0, or on from where a loaded model stopped.
   *
   * @throws TfmotError `invalid-argument` without a model, and what the technique throws for the model and its states.
   */
  override async onTrainBegin(): Promise<void> {
    if (!this.model) {
      throw new TfmotError(
        'invalid-argument',
        `${this.maker} must be given its model before training begins: in a loop of your own, call setModel(model) first.`,
      );
    }
    if (this.begun && insideTraining(this.model).isTraining) {
      throw this.oneModelAlone(`a second training begins while '${this.model.name}' is in training`);
    }
    this.begun = true;
    const wrappers = leafLayers(this.model).filter(layer => this.counts(layer)) as W[];
    if (wrappers.length === 0) throw this.nothingToCount(this.model);
    const counters: Counting<W>[] = [];
    for (const wrapper of wrappers) {
      const step = (await wrapper.stepVariable.read().data())[0]!;
      if (step > 0) await this.checkStates(wrapper);
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
   * Begins a training step: prepares it in every layer, puts it in force, and counts it.
   *
   * @throws TfmotError what the technique throws; states and steps then stay as they were, and the training is over: to
   * go on, call `onTrainBegin` again.
   */
  override async onBatchBegin(_batch?: number): Promise<void> {
    const counters = this.started();
    const prepared: ((() => void) | undefined)[] = [];
    try {
      for (const {wrapper, step} of counters) prepared.push(await this.prepareStep(wrapper, step + 1));
    } catch (error) {
      this.stop();
      throw error;
    }
    for (const putInForce of prepared) putInForce?.();
    for (const counter of counters) {
      // The pass would do this too, but under the gradient tape, which keeps the old weights until the step ends.
      counter.wrapper.beforePass();
      counter.step++;
    }
    this.writeSteps();
    if (util.now() - this.lastYield > YIELD_EVERY_MS) {
      await nextFrame();
      this.lastYield = util.now();
    }
  }

  /** Leaves the weights as passes see them: the optimizer's last step has moved them. */
  override async onEpochEnd(_epoch?: number): Promise<void> {
    for (const {wrapper} of this.started()) wrapper.beforePass();
  }

  /** Ends the training, and leaves the weights as passes see them. */
  override async onTrainEnd(): Promise<void> {
    const counters = this.started();
    for (const {wrapper} of counters) wrapper.beforePass();
    this.stop();
    this.ended(counters);
  }

  private stop(): void {
    for (const {wrapper} of this.started()) wrapper.isCounted = () => false;
    this.begun = false;
    this.counters = undefined;
  }

  private started(): Counting<W>[] {
    if (this.counters === undefined) {
      throw new TfmotError(
        'missing-callback',
        `${this.maker} must be started before its first batch: call setModel(model), then await onTrainBegin().`,
      );
    }
    return this.counters;
  }

  private writeSteps(): void {
    // Wrappers nearly always agree, and then share one scalar: a small model's step takes little longer than making
    // many.
    let value: Scalar | undefined;
    let shared = -1;
    for (const {wrapper, step} of this.counters!) {
      if (value === undefined || step !== shared) {
        value?.dispose();
        value = scalar(step, 'int32');
        shared = step;
      }
      assign(wrapper.stepVariable, value);
    }
    value?.dispose();
  }

  private oneModelAlone(what: string): TfmotError {
    return new TfmotError(
      'invalid-argument',
      `One ${this.maker} counts the steps of one model at a time, but ${what}. Make one for each model; in a loop of your own, end with onTrainEnd().`,
    );
  }
}

/**
 * Whether the training of `model` that begins now still goes on: a `fit` that fails is over without `onTrainEnd`, and
 * the next one has a history of its own.
 */
function trainingOf(model: LayersModel): () => boolean {
  const now = insideTraining(model);
  const {history, isTraining} = now;
  return () => now.history === history && (now.isTraining || !isTraining);
}

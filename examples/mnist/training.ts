import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import type {Position} from './checkpoint.ts';
import {batchOf, type Split} from './data.ts';
import {ARCHITECTURES} from './models.ts';
import {showProgress} from './progress.ts';
import {shuffledOrder} from './random.ts';

/** One stage of training: which model, on what, from which step on. */
export interface Training {
  readonly model: tf.LayersModel;
  readonly data: Split;
  readonly position: Position;
  /** TensorFlow.js callbacks that take part, such as the one that prunes. */
  readonly callbacks: readonly tf.Callback[];
  /** Asked after every step but the last; true stops the training. */
  readonly onStep: (step: number) => Promise<boolean>;
}

/** Steps of one stage. */
export function stepsOf({options, stage}: Position): number {
  const {recipe} = ARCHITECTURES[options.model]!;
  return options.epochs * Math.ceil(options.images[stage] / recipe.batchSize);
}

/** Gives a model what training needs. Momentum does less work a step than Adam, and learns these digits as well. */
export function compile(model: tf.LayersModel): void {
  model.compile({
    optimizer: tf.train.momentum(0.1, 0.9),
    loss: 'categoricalCrossentropy',
  });
}

/**
 * Trains a compiled model to the end of the stage, or until `onStep` stops it.
 *
 * @returns Whether the end was reached.
 */
export async function train(training: Training): Promise<boolean> {
  const {model, position, callbacks, onStep} = training;
  const {stage, options} = position;
  const peak = ARCHITECTURES[options.model]!.recipe.learningRate[stage];
  const steps = stepsOf(position);
  const optimizer = model.optimizer as tf.SGDOptimizer;
  const dropouts = dropoutsOf(model);
  const progress = showProgress(stage, steps, 'steps', position.step);
  let stopped = false;
  const steering = new tf.CustomCallback({
    onBatchBegin: async batch => {
      const step = position.step + batch;
      optimizer.setLearningRate(learningRateAt(step / steps, peak));
      // A seeded Dropout drops the same units at every step, so it gets a new seed for each.
      for (const dropout of dropouts) dropout.seed = seedOf(position, step);
    },
    onBatchEnd: async (batch, logs) => {
      const step = position.step + batch + 1;
      progress.update(step, `loss ${Number(logs?.['loss']).toFixed(3)}`);
      stopped = step < steps && (await onStep(step));
      if (stopped) model.stopTraining = true;
    },
  });
  await model.fitDataset(batches(training, steps), {
    epochs: 1,
    batchesPerEpoch: steps - position.step,
    callbacks: [...callbacks, steering],
    verbose: 0,
  });
  progress.stop();
  return !stopped;
}

/** The Dropout layers, also inside the wrappers that pruning puts around every layer. */
function dropoutsOf(model: tf.LayersModel): {seed: number}[] {
  return model.layers
    .map(layer => (layer instanceof sparsity.PruneLowMagnitude ? layer.layer : layer))
    .filter(layer => layer.getClassName() === 'Dropout')
    .map(layer => layer as unknown as {seed: number});
}

/** Up to the peak in the first tenth of the stage, then down to nothing: this wins most in a short training. */
function learningRateAt(progress: number, peak: number): number {
  const warmUp = 0.1;
  return progress < warmUp
    ? peak * (0.1 + (0.9 * progress) / warmUp)
    : (peak * (1 + Math.cos((Math.PI * (progress - warmUp)) / (1 - warmUp)))) / 2;
}

/** The batches from the current step on. The order of the data depends on seed, stage and epoch alone. */
function batches({data, position}: Training, steps: number): tf.data.Dataset<tf.TensorContainer> {
  const {options, stage} = position;
  const {batchSize} = ARCHITECTURES[options.model]!.recipe;
  const images = options.images[stage];
  const perEpoch = Math.ceil(images / batchSize);
  return tf.data.generator(function* () {
    let order = new Uint32Array();
    for (let step = position.step; step < steps; step++) {
      const batch = step % perEpoch;
      const first = step === position.step || batch === 0;
      if (first) order = shuffledOrder(data.count, seedOf(position, step - batch)).subarray(0, images);
      yield batchOf(data, order.subarray(batch * batchSize, (batch + 1) * batchSize));
    }
  });
}

/** A seed of its own for every step of every stage. */
function seedOf({options, stage}: Position, step: number): number {
  return options.seed * 1_000_003 + (stage === 'dense' ? 0 : 500_000) + step;
}

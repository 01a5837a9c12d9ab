import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import type {Split} from '../../examples/mnist/data.ts';
import {shuffledOrder} from '../../examples/mnist/random.ts';
import {seeded} from '../../testing/seeded.ts';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;

/** One stage of training on shifted copies of the training images. */
export interface Stage {
  readonly model: tf.LayersModel;
  readonly data: Split;
  readonly steps: number;
  readonly batchSize: number;
  /** Learning rate at step 0; it falls to nothing along half a cosine. */
  readonly learningRate: number;
  /** Images move by up to this many pixels in both directions, anew every time they are seen. */
  readonly shift: number;
  readonly seed: number;
  /** Called every 100 steps. */
  readonly onProgress?: (step: number, loss: number) => void;
}

/** Trains with Adam; where the model has pruned layers their schedules are followed. */
export async function trainStage(stage: Stage): Promise<void> {
  const {model, data, steps, batchSize, learningRate, seed} = stage;
  const optimizer = tf.train.adam(learningRate);
  model.compile({optimizer, loss: 'categoricalCrossentropy'});
  const pruning = model.layers.some(layer => layer.getClassName() === 'PruneLowMagnitude')
    ? sparsity.updatePruningStep()
    : undefined;
  pruning?.setModel(model);
  await pruning?.onTrainBegin();
  const random = seeded(seed);
  const perEpoch = Math.floor(data.count / batchSize);
  const dropouts = model.layers.filter(layer => innerClass(layer) === 'Dropout');
  let order = new Uint32Array();
  for (let step = 0; step < steps; step++) {
    if (step % perEpoch === 0) order = shuffledOrder(data.count, seed + step);
    const first = (step % perEpoch) * batchSize;
    const {xs, ys} = shiftedBatch(data, order.subarray(first, first + batchSize), stage.shift, random);
    (optimizer as unknown as {learningRate: number}).learningRate =
      (learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2 + 1e-6;
    // A seeded Dropout drops the same units at every step, so it gets a new seed for each.
    for (const layer of dropouts) reseed(layer, seed + step);
    await pruning?.onBatchBegin(step);
    const loss = (await model.trainOnBatch(xs, ys)) as number;
    tf.dispose([xs, ys]);
    if (step % 100 === 99) stage.onProgress?.(step + 1, loss);
  }
  await pruning?.onEpochEnd(0);
  await pruning?.onTrainEnd();
  optimizer.dispose();
}

type MaybeWrapped = tf.layers.Layer & {readonly layer?: tf.layers.Layer};

function innerClass(layer: MaybeWrapped): string {
  return (layer.layer ?? layer).getClassName();
}

function reseed(layer: MaybeWrapped, seed: number): void {
  ((layer.layer ?? layer) as unknown as {seed: number}).seed = seed;
}

function shiftedBatch(
  split: Split,
  chosen: ArrayLike<number>,
  shift: number,
  random: () => number,
): {xs: tf.Tensor4D; ys: tf.Tensor2D} {
  const xs = new Float32Array(chosen.length * PIXELS);
  const ys = new Float32Array(chosen.length * CLASSES);
  const offset = (): number => Math.floor(random() * (2 * shift + 1)) - shift;
  for (let row = 0; row < chosen.length; row++) {
    const from = chosen[row]! * PIXELS;
    const to = row * PIXELS;
    const right = offset();
    const down = offset();
    for (let y = Math.max(0, down); y < Math.min(SIDE, SIDE + down); y++) {
      for (let x = Math.max(0, right); x < Math.min(SIDE, SIDE + right); x++) {
        xs[to + y * SIDE + x] = split.images[from + (y - down) * SIDE + x - right]! / 255;
      }
    }
    ys[row * CLASSES + split.labels[chosen[row]!]!] = 1;
  }
  return {
    xs: tf.tensor4d(xs, [chosen.length, SIDE, SIDE, 1]),
    ys: tf.tensor2d(ys, [chosen.length, CLASSES]),
  };
}

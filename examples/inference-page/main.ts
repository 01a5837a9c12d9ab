/**
 * Trains the model of the page: a small classifier of MNIST's digits with 90 % zeros, into `model/`, and ten digits of
 * the test set with TensorFlow.js' answers, into `samples.json`. The page needs neither this program nor TensorFlow.js.
 */
import '@tensorflow/tfjs-backend-wasm';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as tfmot from 'tfjs-model-optimization';
import {modelFolder, writeFileAtomic} from 'tfjs-model-optimization/node';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {batchOf, loadMnist, type Split} from '../mnist/data.ts';
import {shuffledOrder} from '../mnist/random.ts';

/** Batches of the two stages; the whole training set is 600. */
const DENSE_STEPS = 300;
const PRUNING_STEPS = 900;
const BATCH_SIZE = 100;
const FOLDER = import.meta.dirname;

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  registerTrainingKernels();
  const data = await loadMnist();
  const dense = network();
  await train(dense, data.train, DENSE_STEPS, []);
  console.log(`dense: ${errors(dense, data.test)} errors in ${data.test.count} digits`);
  const pruned = tfmot.sparsity.pruneLowMagnitude(dense, {
    pruningSchedule: tfmot.sparsity.polynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.9,
      beginStep: 0,
      endStep: PRUNING_STEPS / 2,
      frequency: 20,
    }),
  });
  await train(pruned, data.train, PRUNING_STEPS, [tfmot.sparsity.updatePruningStep()]);
  const sparse = tfmot.sparsity.stripPruning(pruned);
  console.log(`90 % zeros: ${errors(sparse, data.test)} errors`);
  await sparse.save(modelFolder(join(FOLDER, 'model')));
  await writeFileAtomic(join(FOLDER, 'samples.json'), [`${JSON.stringify(samples(sparse, data.test))}\n`]);
}

function network(): tf.LayersModel {
  const kernel = (seed: number) => tf.initializers.glorotUniform({seed});
  const {conv2d, maxPooling2d, flatten, dense} = tf.layers;
  const conv = {kernelSize: 5, padding: 'same', activation: 'relu'} as const;
  return tf.sequential({
    layers: [
      conv2d({...conv, filters: 8, inputShape: [28, 28, 1], kernelInitializer: kernel(1)}),
      maxPooling2d({poolSize: 2}),
      conv2d({...conv, filters: 16, kernelInitializer: kernel(2)}),
      maxPooling2d({poolSize: 2}),
      flatten(),
      dense({units: 10, activation: 'softmax', kernelInitializer: kernel(3)}),
    ],
  });
}

async function train(model: tf.LayersModel, split: Split, steps: number, callbacks: tf.Callback[]): Promise<void> {
  model.compile({optimizer: tf.train.adam(0.003), loss: 'categoricalCrossentropy'});
  const batches = tf.data.generator(function* () {
    const order = shuffledOrder(split.count, steps);
    for (let step = 0; step < steps; step++) {
      const start = (step * BATCH_SIZE) % split.count;
      yield batchOf(split, order.subarray(start, start + BATCH_SIZE));
    }
  });
  await model.fitDataset(batches, {epochs: 1, batchesPerEpoch: steps, callbacks, verbose: 0});
}

function errors(model: tf.LayersModel, split: Split): number {
  let count = 0;
  for (let start = 0; start < split.count; start += 500) {
    const answers = tf.tidy(() => {
      const {xs} = batchOf(split, range(start, 500));
      return (model.predictOnBatch(xs) as tf.Tensor).argMax(1).dataSync();
    });
    answers.forEach((digit, index) => {
      if (digit !== split.labels[start + index]) count++;
    });
  }
  return count;
}

/** One image of every digit, its grey values in base64, and what TensorFlow.js makes of it with the saved model. */
function samples(model: tf.LayersModel, split: Split): object[] {
  return range(0, 10).map(digit => {
    const index = split.labels.indexOf(digit);
    const probabilities = tf.tidy(() => (model.predict(batchOf(split, [index]).xs) as tf.Tensor).dataSync());
    const image = Buffer.from(split.images.subarray(index * 784, (index + 1) * 784)).toString('base64');
    return {digit, image, probabilities: Array.from(probabilities, value => Number(value.toPrecision(6)))};
  });
}

function range(start: number, count: number): number[] {
  return Array.from({length: count}, (_, index) => start + index);
}

await main();

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel, random, saved, weightsOf} from './_training.ts';

const leaks = checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const ramp = sparsity.polynomialDecay({
  initialSparsity: 0.2,
  finalSparsity: 0.75,
  beginStep: 2,
  endStep: 23,
  frequency: 3,
});
const glorot = (seed: number): object => ({kernelInitializer: tf.initializers.glorotUniform({seed})});

const dense = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.dense({units: 8, activation: 'tanh', inputShape: [4, 4], ...glorot(1)}),
      tf.layers.flatten(),
      tf.layers.batchNormalization(),
      tf.layers.dense({units: 3, ...glorot(2)}),
    ],
  });
const convolutional = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.reshape({targetShape: [4, 4, 1], inputShape: [4, 4]}),
      tf.layers.conv2d({filters: 8, kernelSize: 3, activation: 'relu', ...glorot(3)}),
      tf.layers.flatten(),
      tf.layers.dense({units: 3, ...glorot(4)}),
    ],
  });
const recurrent = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.lstm({
        units: 6,
        inputShape: [4, 4],
        recurrentInitializer: tf.initializers.glorotUniform({seed: 6}),
        ...glorot(5),
      }) as tf.layers.Layer,
      tf.layers.dense({units: 3, ...glorot(7)}),
    ],
  });
/** One layer at two places, so that its step must be counted once a batch. */
const sharing = (): tf.LayersModel => {
  const input = tf.input({shape: [4, 4]});
  const shared = tf.layers.dense({units: 4, activation: 'tanh', ...glorot(8)});
  const twice = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
  const flat = tf.layers.flatten().apply(twice) as tf.SymbolicTensor;
  return tf.model({
    inputs: input,
    outputs: tf.layers.dense({units: 3, ...glorot(9)}).apply(flat) as tf.SymbolicTensor,
  });
};

const element = {pruningSchedule: ramp};
const blocks = {pruningSchedule: ramp, blockSize: [2, 2], blockPoolingType: 'MAX'} as const;
const groups = {pruningSchedule: ramp, sparsityMByN: [2, 4]} as const;

const CASES: readonly (readonly [string, () => tf.LayersModel, sparsity.PruneOptions, () => tf.Optimizer])[] = [
  ['element, SGD', dense, element, () => tf.train.sgd(0.1)],
  ['element, momentum', dense, element, () => tf.train.momentum(0.05, 0.9, true)],
  ['element, RMSProp', dense, element, () => tf.train.rmsprop(0.01, 0.9, 0.5)],
  ['element, Adagrad', dense, element, () => tf.train.adagrad(0.05)],
  ['element, Adadelta', dense, element, () => tf.train.adadelta(0.01)],
  ['element, Adam', dense, element, () => tf.train.adam(0.02)],
  ['blocks, Adam', convolutional, blocks, () => tf.train.adam(0.02)],
  ['m:n, momentum', convolutional, groups, () => tf.train.momentum(0.05, 0.9)],
  ['m:n, Adam', dense, groups, () => tf.train.adam(0.02)],
  ['several masks a layer, Adam', recurrent, element, () => tf.train.adam(0.02)],
  ['several masks a layer in blocks, RMSProp', recurrent, blocks, () => tf.train.rmsprop(0.01)],
  ['shared layer, Adam', sharing, element, () => tf.train.adam(0.02)],
];

test.each(CASES)(
  'a model saved mid-way goes on as if it had never stopped: %s',
  async (_, make, options, optimizer) => {
    const xs = random([20, 4, 4], 11);
    const ys = random([20, 3], 12);
    const train = (model: tf.LayersModel, initialEpoch: number, epochs: number): Promise<tf.History> =>
      model.fit(xs, ys, {
        initialEpoch,
        epochs,
        batchSize: 4,
        shuffle: false,
        verbose: 0,
        callbacks: [sparsity.updatePruningStep()],
      });
    const plain = make();
    const unbroken = sparsity.pruneLowMagnitude(plain, options);
    const own = optimizer();
    unbroken.compile({optimizer: own, loss: 'meanSquaredError'});
    await train(unbroken, 0, 4);
    const resumed = await tf.loadLayersModel(await saved(unbroken));
    await train(unbroken, 4, 5);
    await train(resumed, 4, 5);

    expect(weightsOf(resumed)).toEqual(weightsOf(unbroken));
    const slots = async (from: tf.Optimizer): Promise<number[][]> => {
      const [iterations, ...rest] = (await from.getWeights()).map(({tensor}) => tensor);
      const values = [iterations!, ...rest].map(tensor => Array.from(tensor.dataSync()));
      iterations!.dispose();
      return values;
    };
    expect(await slots(resumed.optimizer)).toEqual(await slots(unbroken.optimizer));
    const {weights} = await sparsity.summarize(resumed);
    expect(weights.length).toBeGreaterThan(1);
    const target = options.sparsityMByN ? 0.5 : 0.75;
    for (const weight of weights) expect(weight.targetSparsity).toBe(target);

    tf.dispose([xs, ys]);
    for (const model of [plain, unbroken, resumed]) disposeModel(model);
    resumed.optimizer.dispose();
    own.dispose();
    // TF.js itself leaves the iteration count of the save, and the momentum of every such optimizer.
    leaks.expect(1 + (own.getClassName() === 'Momentum' ? 2 : 0));
  },
);

test('a training stopped between two batches goes on from its drifted weights', async () => {
  const xs = random([4, 4, 4], 11);
  const ys = random([4, 3], 12);
  const run = async (model: tf.LayersModel, from: number, to: number): Promise<void> => {
    const callback = sparsity.updatePruningStep();
    callback.setModel(model);
    await callback.onTrainBegin();
    for (let i = from; i < to; i++) {
      await callback.onBatchBegin(i);
      await model.trainOnBatch(xs, ys);
    }
  };
  const plain = dense();
  const unbroken = sparsity.pruneLowMagnitude(plain, blocks);
  const stopped = sparsity.pruneLowMagnitude(plain, blocks);
  for (const model of [unbroken, stopped]) model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
  await run(unbroken, 0, 26);
  await run(stopped, 0, 13);
  const drifted = sparsity.stripPruning(stopped);
  const {weights} = await sparsity.summarize(stopped);
  expect((await sparsity.summarize(drifted)).weights.map(each => each.sparsity)).toEqual(
    weights.map(each => each.sparsity),
  );
  expect(weights.every(each => each.sparsity > 0.6)).toBe(true);
  const resumed = await tf.loadLayersModel(await saved(stopped));
  await run(resumed, 13, 26);
  expect(weightsOf(resumed)).toEqual(weightsOf(unbroken));
  resumed.optimizer.dispose();
  tf.dispose([xs, ys]);
  for (const model of [plain, unbroken, stopped, resumed, drifted]) model.dispose();
  // TF.js itself leaves the iteration count of the save.
  leaks.expect(1);
});

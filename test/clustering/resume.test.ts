import * as tf from '@tensorflow/tfjs';
import {clustering} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel, random, saved, weightsOf} from '../sparsity/_training.ts';
import {LAYERS, modelAround} from './_models.ts';

const leaks = checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const sparse = {numberOfClusters: 6, preserveSparsity: true, clusterPerChannel: true} as const;
const CASES: readonly (readonly [string, string, clustering.ClusteringParams, () => tf.Optimizer])[] = [
  ['SGD', 'dense', {numberOfClusters: 5}, () => tf.train.sgd(0.05)],
  ['momentum', 'conv2d', {numberOfClusters: 5}, () => tf.train.momentum(0.02, 0.9)],
  ['zeros kept in every channel, Adagrad', 'conv2d', sparse, () => tf.train.adagrad(0.05)],
  ['zeros kept, Adam', 'lstm', sparse, () => tf.train.adam(0.02)],
  ['Adam', 'timeDistributed dense', {numberOfClusters: 5}, () => tf.train.adam(0.02)],
  ['RMSProp', 'dense', {numberOfClusters: 5}, () => tf.train.rmsprop(0.01, 0.9, 0.5)],
];

test.each(CASES)(
  'a model saved mid-way goes on as if it had never stopped: %s',
  async (_, layer, options, optimizer) => {
    const given = LAYERS[layer]!;
    const plain = modelAround(given);
    const xs = random([12, ...given.inputShape], 1);
    const ys = random([12, 2], 2);
    const train = (model: tf.LayersModel, initialEpoch: number, epochs: number): Promise<tf.History> =>
      model.fit(xs, ys, {
        initialEpoch,
        epochs,
        batchSize: 4,
        shuffle: false,
        verbose: 0,
        // Adam goes on bit for bit with a callback of this library.
        callbacks: [clustering.clusteringSummaries()],
      });
    const unbroken = clustering.clusterWeights(plain, options);
    const own = optimizer();
    unbroken.compile({optimizer: own, loss: 'meanSquaredError'});
    await train(unbroken, 0, 2);
    const resumed = await tf.loadLayersModel(await saved(unbroken));
    expect(weightsOf(resumed)).toEqual(weightsOf(unbroken));
    await train(unbroken, 2, 4);
    await train(resumed, 2, 4);
    expect(weightsOf(resumed)).toEqual(weightsOf(unbroken));

    // TensorFlow.js itself leaves the count of iterations of the save, and the momentum of every such optimizer.
    leaks.expect(1 + (own.getClassName() === 'Momentum' ? 2 : 0));
    tf.dispose([xs, ys]);
    for (const model of [plain, unbroken, resumed]) disposeModel(model);
    own.dispose();
    resumed.optimizer.dispose();
  },
);

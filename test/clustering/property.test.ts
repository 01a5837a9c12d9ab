import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {clustering} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {normalValues} from '../../testing/seeded.ts';
import {disposeModel, random} from '../sparsity/_training.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const options = fc.record({
  // Each channel of the convolution has 18 values: with as many clusters it would be left as it is.
  numberOfClusters: fc.integer({min: 3, max: 17}),
  clusterCentroidsInit: fc.constantFrom(...Object.values(clustering.centroidInitialization)),
  preserveSparsity: fc.boolean(),
  clusterPerChannel: fc.boolean(),
  clusterGradientAggregation: fc.constantFrom('SUM' as const, 'AVG' as const),
  iterations: fc.constantFrom(0, 3, 'exact' as const),
});
const optimizers = {
  sgd: () => tf.train.sgd(0.5),
  momentum: () => tf.train.momentum(0.2, 0.9),
  adam: () => tf.train.adam(0.3),
};

test('under any options and optimizer, however fast it learns: few values after every step, and zeros exactly zero', async () => {
  const [xs, ys] = [random([4, 4, 4, 2], 1), random([4, 3], 2)];
  await fc.assert(
    fc.asyncProperty(
      options,
      fc.constantFrom('sgd', 'momentum', 'adam' as const),
      fc.integer(),
      async (given, name, seed) => {
        const plain = tf.sequential({
          layers: [
            tf.layers.conv2d({filters: 4, kernelSize: 3, activation: 'relu', inputShape: [4, 4, 2]}),
            tf.layers.flatten(),
            tf.layers.dense({units: 3, activation: 'softmax'}),
          ],
        });
        const kernels = [72, 48].map(size => normalValues(size, seed).map((value, i) => (i % 3 === 0 ? 0 : value)));
        tf.tidy(() => {
          plain.setWeights([
            tf.tensor(kernels[0]!, [3, 3, 2, 4]),
            tf.zeros([4]),
            tf.tensor(kernels[1]!, [16, 3]),
            tf.zeros([3]),
          ]);
        });
        const model = clustering.clusterWeights(plain, given);
        const optimizer = optimizers[name as keyof typeof optimizers]();
        model.compile({optimizer, loss: 'categoricalCrossentropy'});
        for (let step = 0; step < 3; step++) {
          await model.trainOnBatch(xs, ys);
          const {weights} = await clustering.summarize(model);
          for (const {distinct} of weights) expect(distinct).toBeLessThanOrEqual(given.numberOfClusters);
          const stripped = clustering.stripClustering(model);
          if (given.preserveSparsity) {
            for (const [i, index] of [0, 2].entries()) {
              const values = stripped.weights[index]!.read().dataSync();
              expect(kernels[i]!.every((value, at) => value !== 0 || Object.is(values[at], 0))).toBe(true);
            }
          }
          disposeModel(stripped);
        }
        for (const each of [plain, model]) disposeModel(each);
        optimizer.dispose();
        if (name === 'momentum') tf.SGDOptimizer.prototype.dispose.call(optimizer);
      },
    ),
    {numRuns: 25},
  );
  tf.dispose([xs, ys]);
});

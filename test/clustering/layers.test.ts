import * as tf from '@tensorflow/tfjs';
import {clustering} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {configOf, disposeModel, random, saved, weightsOf} from '../sparsity/_training.ts';
import {inputsFor, LAYERS, modelAround} from './_models.ts';

const leaks = checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const VARIANTS: Readonly<Record<string, clustering.ClusteringParams>> = {
  plain: {numberOfClusters: 4},
  'density based, mean gradient': {
    numberOfClusters: 4,
    clusterCentroidsInit: 'DENSITY_BASED',
    clusterGradientAggregation: 'AVG',
  },
  'per channel with zeros': {numberOfClusters: 5, clusterPerChannel: true, preserveSparsity: true, iterations: 'exact'},
};

describe.each(Object.entries(LAYERS))('%s', (_, given) => {
  test.each(Object.entries(VARIANTS))(
    '%s: few values after every step, stripped and loaded again',
    async (_, options) => {
      const plain = modelAround(given);
      if (options.preserveSparsity) dropSmallWeights(plain);
      const before = weightsOf(plain);
      const model = clustering.clusterWeights(plain, options);
      const [xs, ys] = [inputsFor(given, 4, 1), random([4, 2], 2)];
      const wrapper = model.layers.find(layer => layer.name.startsWith('cluster_'))! as clustering.ClusterWeights;
      expect(wrapper.clusteredWeights.map(({name}) => name)).toEqual(given.weights);

      const zeros = await zerosOf(model);
      model.compile({optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError'});
      const start = weightsOf(model);
      for (let step = 0; step < 3; step++) {
        await model.trainOnBatch(xs, ys);
        await expectFew(model, options.numberOfClusters, zeros);
      }
      for (const {weight, centroids} of wrapper.clusteredWeights) {
        for (const each of [weight, centroids]) {
          expect([...each.read().dataSync()], each.originalName).not.toEqual(start[each.originalName]);
        }
      }
      expect(weightsOf(plain), 'the model given').toEqual(before);

      const stripped = clustering.stripClustering(model);
      const loaded = await tf.loadLayersModel(await saved(model));
      await expectFew(loaded, options.numberOfClusters, zeros);
      const again = clustering.stripClustering(loaded);
      expect(weightsOf(loaded)).toEqual(weightsOf(model));
      expect(weightsOf(again)).toEqual(weightsOf(stripped));
      expect(withoutTypes(configOf(stripped))).toEqual(withoutTypes(configOf(plain)));
      const outputs = tf.tidy(() =>
        [model, stripped, loaded].map(each => [...(each.predict(xs) as tf.Tensor).dataSync()]),
      );
      expect(outputs[1]).toEqual(outputs[0]);
      expect(outputs[2]).toEqual(outputs[0]);

      // TensorFlow.js leaves the count of iterations behind where it saves an optimizer.
      leaks.expect(1);
      tf.dispose([xs, ys]);
      model.optimizer.dispose();
      loaded.optimizer.dispose();
      for (const each of [plain, model, stripped, loaded, again]) disposeModel(each);
    },
  );
});

/** A configuration without the types that TensorFlow.js writes into an embedding only when it is made from one. */
function withoutTypes(config: unknown): unknown {
  return JSON.parse(JSON.stringify(config), (key, value) => (key === 'dtype' ? undefined : value));
}

/** Sets a third of every weight that has several dimensions to zero, the smallest. */
function dropSmallWeights(model: tf.LayersModel): void {
  for (const variable of model.weights) {
    if (variable.shape.length < 2) continue;
    tf.tidy(() => {
      const values = variable.read();
      const sorted = [...values.abs().dataSync()].sort((a, b) => a - b);
      const threshold = sorted[Math.floor(sorted.length / 3)]!;
      variable.write(tf.where(values.abs().less(threshold), tf.zerosLike(values), values));
    });
  }
}

/** Where weights are zero that must stay so. */
async function zerosOf(model: tf.LayersModel): Promise<ReadonlyMap<string, readonly boolean[]>> {
  const found = new Map<string, readonly boolean[]>();
  for (const layer of model.layers) {
    if (!(layer instanceof clustering.ClusterWeights) || !layer.settings.preserveSparsity) continue;
    for (const {name, weight} of layer.clusteredWeights) {
      found.set(
        `${layer.layer.name}/${name}`,
        [...weight.read().dataSync()].map(value => value === 0),
      );
    }
  }
  return found;
}

async function expectFew(
  model: tf.LayersModel,
  clusters: number,
  zeros: ReadonlyMap<string, readonly boolean[]>,
): Promise<void> {
  const {weights} = await clustering.summarize(model);
  expect(weights.length).toBeGreaterThan(0);
  for (const {distinct} of weights) expect(distinct).toBeLessThanOrEqual(clusters);
  for (const layer of model.layers) {
    if (!(layer instanceof clustering.ClusterWeights)) continue;
    for (const {name, weight, stripped} of layer.clusteredWeights) {
      const seen = tf.tidy(() => stripped(weight.read()).dataSync());
      zeros.get(`${layer.layer.name}/${name}`)?.forEach((isZero, i) => {
        if (isZero) expect(Object.is(seen[i], 0), `${name}[${i}] is ${seen[i]}`).toBe(true);
      });
    }
  }
}

import * as tf from '@tensorflow/tfjs';
import {clustering} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {normalValues} from '../../testing/seeded.ts';
import {disposeModel, random, saved, trainSteps, weightsOf} from '../sparsity/_training.ts';

/** Where this library decides otherwise than the Python toolkit, by the rows of the table in tools/parity/README.md. */

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function denseModel(values: ArrayLike<number>, inputs: number): tf.Sequential {
  const units = values.length / inputs;
  const model = tf.sequential({layers: [tf.layers.dense({units, useBias: false, inputShape: [inputs]})]});
  tf.tidy(() => {
    model.setWeights([tf.tensor(Float32Array.from(values), [inputs, units])]);
  });
  return model;
}

function onlyWeight(model: tf.LayersModel): clustering.ClusteredWeight {
  return (model.layers.find(layer => layer instanceof clustering.ClusterWeights) as clustering.ClusterWeights)
    .clusteredWeights[0]!;
}

const INITS = Object.values(clustering.centroidInitialization);

test('row c1: dropout drops, and batch normalisation learns its statistics', async () => {
  const plain = tf.sequential({
    layers: [
      tf.layers.dense({units: 8, inputShape: [4]}),
      tf.layers.batchNormalization(),
      tf.layers.dropout({rate: 0.5, seed: 1}),
      tf.layers.dense({units: 2}),
    ],
  });
  const model = clustering.clusterWeights(plain, {numberOfClusters: 3});
  const [xs, ys] = [random([6, 4], 1), random([6, 2], 2)];
  const outputs = (training: boolean) => tf.tidy(() => [...(model.apply(xs, {training}) as tf.Tensor).dataSync()]);
  expect(outputs(true)).not.toEqual(outputs(false));
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const mean = () => weightsOf(model)[model.weights.find(weight => /moving_mean/.test(weight.name))!.originalName]!;
  const before = mean();
  await trainSteps(model, xs, ys, 2, []);
  expect(mean()).not.toEqual(before);
  tf.dispose([xs, ys]);
  for (const each of [plain, model]) disposeModel(each);
});

describe('row c3: as many clusters are in use at the start as were asked for, or as there are values', () => {
  test.each(INITS)('%s', async clusterCentroidsInit => {
    for (const clusters of [2, 16, 64]) {
      for (const preserveSparsity of [false, clusters > 2]) {
        const plain = denseModel(normalValues(1000, 3), 50);
        const options = {numberOfClusters: clusters, clusterCentroidsInit, preserveSparsity};
        const model = clustering.clusterWeights(plain, options);
        const [weight] = (await clustering.summarize(model)).weights;
        // Without zeros among the weights, the zero that is kept for them may stand for nothing.
        expect(weight!.distinct).toBeGreaterThanOrEqual(preserveSparsity ? clusters - 1 : clusters);
        expect(weight).toMatchObject({clusters, empty: clusters - weight!.distinct, perChannel: false});
        for (const each of [plain, model]) disposeModel(each);
      }
    }
  });

  test('fewer different values than clusters', async () => {
    const plain = denseModel([1, 2, 3, 1, 2, 3, 3, 3, 3, 3, 2, 1], 3);
    const model = clustering.clusterWeights(plain, {numberOfClusters: 8});
    const {weights} = await clustering.summarize(model);
    expect(weights).toMatchObject([{distinct: 3, clusters: 8, empty: 5}]);
    const stripped = clustering.stripClustering(model);
    expect(Object.values(weightsOf(stripped))).toEqual(Object.values(weightsOf(plain)));
    for (const each of [plain, model, stripped]) disposeModel(each);
  });
});

test('row c4: an empty cluster is given a value after an epoch, by the callback that does so', async () => {
  const plain = denseModel(normalValues(60, 4), 6);
  const [xs, ys] = [random([6, 6], 1), random([6, 10], 2)];
  const emptied = async (callbacks: tf.Callback[]): Promise<number> => {
    const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
    tf.tidy(() => {
      onlyWeight(model).centroids.write(tf.tensor([-1, 0, 1, 1000]));
    });
    model.compile({optimizer: tf.train.sgd(1e-4), loss: 'meanSquaredError'});
    await trainSteps(model, xs, ys, 1, callbacks);
    const {weights} = await clustering.summarize(model);
    disposeModel(model);
    model.optimizer.dispose();
    return weights[0]!.empty!;
  };
  expect(await emptied([])).toBe(1);
  expect(await emptied([clustering.reseedEmptyClusters()])).toBe(0);
  tf.dispose([xs, ys]);
  disposeModel(plain);
});

test('row c5: rounds lower the squared error of the start, and no clustering has less than the exact one', () => {
  const values = normalValues(2000, 5);
  const plain = denseModel(values, 50);
  const errorOf = (iterations: number | 'exact'): number => {
    const model = clustering.clusterWeights(plain, {numberOfClusters: 8, iterations});
    const {stripped, weight} = onlyWeight(model);
    const error = tf.tidy(() => tf.sum(tf.squaredDifference(stripped(weight.read()), weight.read())).dataSync()[0]!);
    disposeModel(model);
    return error;
  };
  const [none, few, many, exact] = [0, 2, 50, 'exact' as const].map(errorOf);
  expect(few).toBeLessThan(none!);
  expect(many).toBeLessThan(few!);
  expect(exact).toBeLessThanOrEqual(many! * (1 + 1e-6));
  disposeModel(plain);
});

test('row c6: random centroids follow from the seed', () => {
  const plain = denseModel(normalValues(200, 6), 10);
  const centroids = (seed?: number): number[] => {
    const model = clustering.clusterWeights(plain, {
      numberOfClusters: 6,
      clusterCentroidsInit: 'RANDOM',
      ...(seed === undefined ? {} : {seed}),
    });
    const found = [...onlyWeight(model).centroids.read().dataSync()];
    disposeModel(model);
    return found;
  };
  expect(centroids()).toEqual(centroids());
  expect(centroids(1)).not.toEqual(centroids(2));
  disposeModel(plain);
});

test('row c7: a weight with too few values is left as it is, listed, and refused alone', async () => {
  const plain = tf.sequential({
    layers: [tf.layers.dense({units: 20, inputShape: [4], name: 'large'}), tf.layers.dense({units: 1, name: 'small'})],
  });
  const model = clustering.clusterWeights(plain, {numberOfClusters: 20});
  const {weights, skipped} = await clustering.summarize(model);
  expect(weights.map(({layer}) => layer)).toEqual(['large']);
  expect(skipped).toEqual([{layer: 'small', className: 'Dense', reason: 'kernel has only 20 values for 20 clusters'}]);
  expect(() => clustering.clusterWeights(plain.layers[1]!, {numberOfClusters: 20})).toThrow(/only 20 values/);
  for (const each of [plain, model]) disposeModel(each);
});

test('row c9: a wrapper is registered, and takes what Python saves of one', () => {
  const layer = {className: 'GRU', config: {units: 2, name: 'gru'}};
  const names = {
    LINEAR: 'LINEAR',
    DENSITYBASED: 'DENSITY_BASED',
    KMEANSPLUSPLUS: 'KMEANS_PLUS_PLUS',
    kmeansPlusPlus: 'KMEANS_PLUS_PLUS',
  };
  const [wrapper, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap['ClusterWeights']!;
  for (const [saved, name] of Object.entries(names)) {
    // As TensorFlow.js hands it on: it changes the underscores of all strings.
    const made = fromConfig(
      wrapper as never,
      {
        layer,
        numberOfClusters: 4,
        clusterCentroidsInit: `CentroidInitialization.${saved}`,
        clusterGradientAggregation: 'GradientAggregation.AVG',
        preserveSparsity: true,
        clusterPerChannel: false,
      } as never,
    ) as unknown as clustering.ClusterWeights;
    expect(made.settings).toMatchObject({
      numberOfClusters: 4,
      clusterCentroidsInit: name,
      clusterGradientAggregation: 'AVG',
      preserveSparsity: true,
      iterations: 0,
      seed: 9,
    });
  }
});

test('row c10: a frozen layer is clustered, and keeps its centroids', async () => {
  const plain = tf.sequential({
    layers: [
      tf.layers.dense({units: 6, inputShape: [4], trainable: false}),
      tf.layers.dense({units: 5, activation: 'relu'}),
    ],
  });
  const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
  const frozen = model.layers[0] as clustering.ClusterWeights;
  expect(frozen.trainableWeights).toEqual([]);
  const [xs, ys] = [random([6, 4], 1), random([6, 5], 2)];
  const before = weightsOf(model);
  await trainSteps(model, xs, ys, 3, []);
  const after = weightsOf(model);
  for (const {originalName} of frozen.weights) expect(after[originalName]).toEqual(before[originalName]);
  expect(after).not.toEqual(before);
  expect((await clustering.summarize(model)).weights.map(({distinct}) => distinct)).toEqual([4, 4]);
  tf.dispose([xs, ys]);
  for (const each of [plain, model]) disposeModel(each);
});

describe('channels', () => {
  test('row c11: without a bias', () => {
    const plain = tf.sequential({
      layers: [tf.layers.conv2d({filters: 4, kernelSize: 3, useBias: false, inputShape: [6, 6, 2]})],
    });
    const model = clustering.clusterWeights(plain, {numberOfClusters: 3, clusterPerChannel: true});
    expect(onlyWeight(model).centroids.shape).toEqual([4, 3]);
    for (const each of [plain, model]) disposeModel(each);
  });

  test('row c12: one that is all zero has zeros for centroids', async () => {
    const plain = tf.sequential({
      layers: [tf.layers.conv2d({filters: 2, kernelSize: 3, useBias: false, inputShape: [6, 6, 1]})],
    });
    tf.tidy(() => {
      plain.setWeights([
        tf.tensor(
          normalValues(18, 7).map((value, i) => (i % 2 === 0 ? 0 : value)),
          [3, 3, 1, 2],
        ),
      ]);
    });
    const options = {numberOfClusters: 3, clusterPerChannel: true, preserveSparsity: true};
    const model = clustering.clusterWeights(plain, options);
    expect([...onlyWeight(model).centroids.read().dataSync()].slice(0, 3)).toEqual([0, 0, 0]);
    const [xs, ys] = [random([2, 6, 6, 1], 1), random([2, 4, 4, 2], 2)];
    await trainSteps(model, xs, ys, 2, []);
    const stripped = clustering.stripClustering(model);
    const kernel = Object.values(weightsOf(stripped))[0]!;
    expect(kernel.filter((_, i) => i % 2 === 0).every(value => Object.is(value, 0))).toBe(true);
    tf.dispose([xs, ys]);
    for (const each of [plain, model, stripped]) disposeModel(each);
  });

  test('row c14: those of a transposed convolution are its outputs', async () => {
    const plain = tf.sequential({
      layers: [tf.layers.conv2dTranspose({filters: 5, kernelSize: 2, inputShape: [3, 3, 2], useBias: false})],
    });
    const model = clustering.clusterWeights(plain, {numberOfClusters: 3, clusterPerChannel: true});
    const {centroids, weight, stripped} = onlyWeight(model);
    expect(weight.shape).toEqual([2, 2, 5, 2]);
    expect(centroids.shape).toEqual([5, 3]);
    const seen = tf.tidy(() => stripped(weight.read()).arraySync()) as number[][][][];
    const sets = tf.tidy(() => centroids.read().arraySync()) as number[][];
    for (let output = 0; output < 5; output++) {
      const values = seen.flatMap(row => row.flatMap(column => column[output]!));
      expect(values.every(value => sets[output]!.includes(value))).toBe(true);
    }
    for (const each of [plain, model]) disposeModel(each);
  });
});

test('row c13: a mask passes through to a recurrent layer', () => {
  const plain = tf.sequential({
    layers: [
      tf.layers.embedding({inputDim: 6, outputDim: 3, maskZero: true, inputLength: 4}),
      tf.layers.lstm({units: 2}) as tf.layers.Layer,
    ],
  });
  const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
  const outputs = (values: number[]) =>
    tf.tidy(() => [...(model.predict(tf.tensor2d(values, [1, values.length])) as tf.Tensor).dataSync()]);
  expect(outputs([1, 2, 0, 0])).toEqual(outputs([0, 0, 1, 2]));
  for (const each of [plain, model]) disposeModel(each);
});

class Gated extends tf.layers.Layer {
  static readonly className: string = 'ClusteredGate';
  gate: tf.LayerVariable | undefined;
  override build(shape: tf.Shape): void {
    this.gate = this.addWeight(
      'gate',
      [shape.at(-1) as number, 4],
      'float32',
      tf.initializers.glorotUniform({seed: 1}),
    );
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.matMul((Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor2D, this.gate!.read()));
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return [shape[0]!, 4];
  }
}
class ListingGate extends Gated {
  static override readonly className = 'ListingGate';
  getClusterableWeights(): tf.LayerVariable[] {
    return [this.gate!];
  }
}
for (const each of [Gated, ListingGate]) tf.serialization.registerClass(each);

test('row c15: an unknown class is kept as it is and listed; one that lists its weights is clustered', async () => {
  const plain = tf.sequential({
    layers: [new Gated({inputShape: [5], name: 'kept'}), new ListingGate({name: 'listing'})],
  });
  const model = clustering.clusterWeights(plain, {numberOfClusters: 3});
  const {weights, skipped} = await clustering.summarize(model);
  expect(weights).toMatchObject([{layer: 'listing', weight: 'gate', distinct: 3}]);
  expect(skipped).toMatchObject([{layer: 'kept', reason: expect.stringMatching(/getClusterableWeights/)}]);
  const [xs, ys] = [random([6, 5], 1), random([6, 4], 2)];
  await trainSteps(model, xs, ys, 2, []);
  const stripped = clustering.stripClustering(model);
  expect(stripped.layers.map(layer => layer.getClassName())).toEqual(['ClusteredGate', 'ListingGate']);
  tf.dispose([xs, ys]);
  for (const each of [plain, model, stripped]) disposeModel(each);
});

test('rows c17, c19: centroids are float32, indices int32', () => {
  const plain = denseModel(normalValues(20, 8), 4);
  const model = clustering.clusterWeights(plain, {numberOfClusters: 3});
  const {centroids, indices} = onlyWeight(model);
  expect([centroids.read().dtype, indices.read().dtype]).toEqual(['float32', 'int32']);
  for (const each of [plain, model]) disposeModel(each);
});

test('row c20: weights far below zero keep their sign', () => {
  const values = [-3e6, -3e6, 2e6, 2e6, -1.5e6, 1, 1, 1];
  const plain = denseModel(values, 2);
  const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
  const stripped = clustering.stripClustering(model);
  expect(Object.values(weightsOf(stripped))).toEqual([values]);
  for (const each of [plain, model, stripped]) disposeModel(each);
});

describe('models', () => {
  test('a shared layer has one wrapper, and gradients of both uses', async () => {
    const input = tf.input({shape: [4]});
    const shared = tf.layers.dense({units: 4, activation: 'tanh', name: 'shared'});
    const plain = tf.model({
      inputs: input,
      outputs: shared.apply(shared.apply(input)) as tf.SymbolicTensor,
    });
    const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
    expect(model.layers.map(({name}) => name)).toEqual([input.name, 'cluster_shared']);
    const [xs, ys] = [random([6, 4], 1), random([6, 4], 2)];
    await trainSteps(model, xs, ys, 2, []);
    const stripped = clustering.stripClustering(model);
    const [a, b] = tf.tidy(() => [model, stripped].map(each => [...(each.predict(xs) as tf.Tensor).dataSync()]));
    expect(b).toEqual(a);
    tf.dispose([xs, ys]);
    for (const each of [plain, model, stripped]) disposeModel(each);
  });

  test('nested models are entered; wrapped layers keep their own settings', async () => {
    const inner = tf.sequential({layers: [tf.layers.dense({units: 6, inputShape: [4], name: 'inside'})]});
    const plain = tf.sequential({layers: [inner, tf.layers.dense({units: 3, name: 'outside'})]});
    const first = clustering.clusterWeights(plain, layer => (layer.name === 'inside' ? {numberOfClusters: 5} : null));
    const both = clustering.clusterWeights(first, {numberOfClusters: 3});
    expect((await clustering.summarize(both)).weights.map(({layer, clusters}) => [layer, clusters])).toEqual([
      ['inside', 5],
      ['outside', 3],
    ]);
    for (const each of [plain, first, both]) disposeModel(each);
  });

  test('a layer that is not built is clustered when it is', async () => {
    const wrapper = clustering.clusterWeights(tf.layers.dense({units: 8}), {numberOfClusters: 3});
    const model = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [5]}), wrapper]});
    expect((await clustering.summarize(model)).weights).toMatchObject([{clusters: 3, distinct: 3}]);
    const loaded = await tf.loadLayersModel(await saved(model));
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    for (const each of [model, loaded]) disposeModel(each);
  });

  test('a regulariser sees the weight itself', () => {
    const plain = tf.sequential({
      layers: [tf.layers.dense({units: 5, inputShape: [4], kernelRegularizer: tf.regularizers.l2({l2: 1})})],
    });
    const model = clustering.clusterWeights(plain, {numberOfClusters: 3});
    tf.tidy(() => {
      const [own, clustered] = [plain, model].map(each => each.layers[0]!.calculateLosses()[0]!.dataSync()[0]);
      expect(clustered).toBe(own);
    });
    for (const each of [plain, model]) disposeModel(each);
  });

  test('summaries hold centroids and their members at the beginning and after every epoch', async () => {
    const plain = denseModel(normalValues(40, 9), 8);
    const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
    const summaries = clustering.clusteringSummaries();
    const [xs, ys] = [random([6, 8], 1), random([6, 5], 2)];
    const {history} = await trainSteps(model, xs, ys, 3, [summaries]);
    const name = onlyWeight(model).centroids.originalName;
    expect(summaries.records.map(({epochs}) => epochs)).toEqual([0, 1, 2, 3]);
    const {centroids, members} = summaries.records.at(-1)!.weights[name]!;
    expect([...centroids]).toEqual([...onlyWeight(model).centroids.read().dataSync()]);
    expect(members.reduce((sum, count) => sum + count)).toBe(40);
    expect(history[`${name}/used`]).toHaveLength(3);
    tf.dispose([xs, ys]);
    for (const each of [plain, model]) disposeModel(each);
  });
});

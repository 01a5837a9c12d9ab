import * as tf from '@tensorflow/tfjs';
import {clustering, type ErrorCode, sparsity} from 'tfjs-model-optimization';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from '../sparsity/_errors.ts';
import {disposeModel} from '../sparsity/_training.ts';
import {checkUnchanged} from '../sparsity/_unchanged.ts';

checkLeaks();

let model: tf.LayersModel;

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = tf.sequential({
    layers: [
      tf.layers.dense({units: 6, activation: 'relu', inputShape: [5], name: 'first'}),
      tf.layers.dense({units: 4, name: 'second'}),
    ],
  });
});

afterAll(() => disposeModel(model));

checkUnchanged(() => model);

const {clusterWeights, stripClustering, summarize} = clustering;

const SETTINGS: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /settings must be an object/i],
  [null, /settings must be an object/i],
  [{}, /numberOfClusters must be a whole number, at least 2, but got undefined/],
  [{numberOfClusters: 1}, /at least 2, but got 1/],
  [{numberOfClusters: 0}, /at least 2, but got 0/],
  [{numberOfClusters: -3}, /at least 2, but got -3/],
  [{numberOfClusters: 2.5}, /whole number/],
  [{numberOfClusters: Number.NaN}, /whole number/],
  [{numberOfClusters: Infinity}, /whole number/],
  [{numberOfClusters: '16'}, /whole number/],
  [{numberOfClusters: 2, preserveSparsity: true}, /at least 3 with preserveSparsity, but got 2/],
  [{numberOfClusters: 4, preserveSparsity: 1}, /preserveSparsity must be true or false/],
  [{numberOfClusters: 4, clusterPerChannel: 'yes'}, /clusterPerChannel must be true or false/],
  [{numberOfClusters: 4, clusterCentroidsInit: 'linear'}, /one of LINEAR, RANDOM, DENSITY_BASED, KMEANS_PLUS_PLUS/],
  [{numberOfClusters: 4, clusterCentroidsInit: 3}, /clusterCentroidsInit must be one of/],
  [{numberOfClusters: 4, clusterGradientAggregation: 'MEAN'}, /clusterGradientAggregation must be one of SUM, AVG/],
  [{numberOfClusters: 4, iterations: -1}, /iterations must be a whole number/],
  [{numberOfClusters: 4, iterations: 'best'}, /'exact'/],
  [{numberOfClusters: 4, seed: 0.5}, /seed must be a whole number/],
  [{number_of_clusters: 4}, /no option 'number_of_clusters'. Did you mean numberOfClusters/],
  [{numberOfClusters: 4, preserveSparsty: true}, /Did you mean preserveSparsity/],
];

test.each(SETTINGS)('settings %o', async (settings, message) => {
  await expectError(() => clusterWeights(model, settings as Wrong), 'invalid-argument', message);
  await expectError(
    () => clusterWeights(model, () => settings as Wrong),
    settings === null ? 'nothing-to-cluster' : 'invalid-argument',
    settings === null ? /has none that is chosen/ : message,
  );
  await expectError(() => clusterWeights(model.layers[0]!, settings as Wrong), 'invalid-argument', message);
});

test('settings one by one, as Python takes them', async () => {
  await expectError(() => clusterWeights(model, 16 as Wrong), 'invalid-argument', /by name, in one object/);
  const wrong = clusterWeights as Wrong;
  await expectError(() => wrong(model, {numberOfClusters: 4}, 'LINEAR'), 'invalid-argument', /by name, in one object/);
});

const options = {numberOfClusters: 4};

const GIVEN: readonly (readonly [string, () => unknown, ErrorCode, RegExp])[] = [
  ['nothing', () => undefined, 'invalid-argument', /takes a tf.LayersModel, a layer or a list/],
  ['an object', () => ({}), 'invalid-argument', /takes a tf.LayersModel, a layer or a list/],
  ['a path', () => 'model.json', 'invalid-argument', /Load it first/],
  ['a promise', () => Promise.resolve(model), 'invalid-argument', /Await it first/],
  ['a list with a model', () => [model], 'invalid-argument', /must hold layers alone/],
  ['an input layer', () => tf.layers.inputLayer({inputShape: [2]}), 'unsupported-layer', /only stands for an input/],
  ['an empty model', () => tf.sequential(), 'model-not-built', /must be built/],
];

test.each(GIVEN)('%s in the place of a model', async (_, make, code, message) => {
  await expectError(() => clusterWeights(make() as Wrong, options), code, message);
});

describe('models', () => {
  test('nothing to cluster', async () => {
    await expectError(
      () => clusterWeights(model, {numberOfClusters: 1000}),
      'nothing-to-cluster',
      /'first'.*only 30 values/,
    );
    await expectError(() => clusterWeights(model, () => null), 'nothing-to-cluster', /the settings left it out/);
    await expectError(
      () => clusterWeights([...model.layers], {numberOfClusters: 1000}),
      'nothing-to-cluster',
      /The list .*only 24 values/,
    );
  });

  test('weights that are not finite', async () => {
    const bad = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [3], useBias: false})]});
    for (const value of [Number.NaN, Infinity]) {
      tf.tidy(() => {
        bad.setWeights([tf.tensor([1, 2, 3, 4, value, 6, 7, 8, 9], [3, 3])]);
      });
      await expectError(() => clusterWeights(bad, options), 'non-finite-weight', /at index 4/);
    }
    disposeModel(bad);
  });

  test('wrapped by another technique', async () => {
    const pruned = sparsity.pruneLowMagnitude(model);
    const clustered = clusterWeights(model, options);
    await expectError(
      () => clusterWeights(pruned, options),
      'unsupported-model',
      /Strip it first: sparsity.stripPruning/,
    );
    await expectError(() => stripClustering(pruned), 'unsupported-model', /Strip it first: sparsity.stripPruning/);
    await expectError(
      () => sparsity.pruneLowMagnitude(clustered),
      'unsupported-model',
      /Strip it first: clustering.stripClustering/,
    );
    await expectError(
      () => clusterWeights(pruned.layers[0]!, options),
      'unsupported-model',
      /Strip it first: sparsity.stripPruning/,
    );
    for (const each of [pruned, clustered]) disposeModel(each);
  });

  test('no model to strip or summarise, and options where there are none', async () => {
    for (const call of [stripClustering, summarize] as Wrong[]) {
      await expectError(() => call({}), 'unsupported-model', /takes a tf.LayersModel/);
      await expectError(() => call(model, {}), 'invalid-argument', /takes no options/);
    }
    for (const make of [clustering.clusteringSummaries, clustering.reseedEmptyClusters] as Wrong[]) {
      await expectError(() => make({logDir: 'logs'}), 'invalid-argument', /takes no options/);
    }
  });

  test('callbacks with a model that is not clustered, or none', async () => {
    for (const callback of [clustering.clusteringSummaries(), clustering.reseedEmptyClusters()]) {
      await expectError(() => callback.onTrainBegin(), 'no-clustered-layers', /was given no model/);
      callback.setModel(model);
      await expectError(() => callback.onTrainBegin(), 'no-clustered-layers', /has none/);
      await expectError(() => callback.setModel({} as Wrong), 'invalid-argument', /takes a tf.LayersModel/);
    }
  });

  test('a wrapper around what is no layer, or a class that is not known', async () => {
    const {ClusterWeights} = clustering;
    await expectError(() => new ClusterWeights({...options, layer: 3 as Wrong}), 'invalid-argument', /takes a layer/);
    await expectError(
      () => new ClusterWeights({...options, layer: tf.layers.inputLayer({inputShape: [2]}) as Wrong}),
      'unsupported-layer',
      /cannot be clustered/,
    );
  });
});

test('a stripped model can be clustered and pruned anew, and stripping twice is harmless', async () => {
  const clustered = clusterWeights(model, options);
  const stripped = stripClustering(clustered);
  const again = stripClustering(stripped);
  const pruned = sparsity.pruneLowMagnitude(stripped);
  const anew = clusterWeights(stripped, {...options, preserveSparsity: true});
  expect((await summarize(again)).inTraining).toBe(false);
  for (const each of [clustered, stripped, again, pruned, anew]) disposeModel(each);
});

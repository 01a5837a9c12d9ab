import * as tf from '@tensorflow/tfjs';
import {clustering} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {clusterLayout} from '../../src/clustering/wrapper/layout.ts';
import {clustered, nearestCentroids} from '../../src/clustering/wrapper/lookup.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel} from '../sparsity/_training.ts';
import {casesOf, initOf, type LayerState, type Stored, type TraceCase} from './_vectors.ts';

/** How far any value may be from the toolkit's after all steps of a training, and after one. */
const AFTER_ALL = 2e-5;
const AFTER_ONE = 1e-5;
let tolerance = AFTER_ONE;

export interface ReplayOptions {
  /**
   * Whether every step starts from the toolkit's own state. A training whose loss jumps up and down multiplies the last
   * bits, which differ on backends that add in another order.
   */
  readonly eachStepAlone: boolean;
}

/**
 * Replays assignments, gradients and trainings of the Python toolkit on a backend, and compares weights, centroids and
 * indices after each step; once more, whether the stripped model predicts and holds what the toolkit's does.
 *
 * What is done otherwise here, by the rows of the table in tools/parity/README.md: row c3: no centroid is without
 * values at the start, where there are values to give. `trace-lstm` starts with one that is, so the replay starts from
 * the toolkit's centroids.
 */
export function replayClustering(backend: string, {eachStepAlone}: ReplayOptions): void {
  checkLeaks();
  beforeAll(async () => {
    await tf.setBackend(backend);
    tolerance = eachStepAlone ? AFTER_ONE : AFTER_ALL;
  });

  describe(`on ${backend}`, () => {
    test.each(casesOf('assign'))('$id', ({weights, centroids, indices, perChannel}) => {
      const layout = layoutOf(weights, centroids, perChannel);
      const found = tf.tidy(() => nearestCentroids(tensorOf(weights), tensorOf(centroids), layout).dataSync());
      expect([...found]).toEqual(indices.data);
    });

    test.each(casesOf('gradient'))('$id', given => {
      const {weights, centroids, upstream, perChannel, aggregation} = given;
      const layout = layoutOf(weights, centroids, perChannel);
      const seen = (weight: tf.Tensor, sets: tf.Tensor): tf.Tensor =>
        clustered(weight, sets, {layout, aggregation, indicesOf: () => nearestCentroids(weight, sets, layout)});
      tf.tidy(() => {
        const [weight, sets] = [tensorOf(weights), tensorOf(centroids)];
        expectClose(seen(weight, sets), given.clustered, 'clustered');
        const gradients = tf.grads((...[w, c]: tf.Tensor[]) => tf.sum(tf.mul(seen(w!, c!), tensorOf(upstream))));
        const [ofWeight, ofCentroids] = gradients([weight, sets]);
        expectClose(ofWeight!, given.gradWeights, 'gradient of the weight');
        expectClose(ofCentroids!, given.gradCentroids, 'gradient of the centroids');
      });
    });

    test.each(casesOf('trace'))('$id', async trace => {
      const plain = modelOf(trace);
      const model = clustering.clusterWeights(plain, {
        numberOfClusters: trace.clusters,
        clusterCentroidsInit: initOf(trace.init),
        preserveSparsity: trace.preserveSparsity,
        clusterPerChannel: trace.perChannel,
        clusterGradientAggregation: trace.aggregation,
      });
      if (trace.id === 'trace-lstm') setState(model, trace, trace.start);
      expectState(model, trace, trace.start, 'at the start');
      const {learningRate, momentum} = trace.optimizer;
      expect(momentum).toBe(0);
      model.compile({optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError'});
      const [x, y] = [tensorOf(trace.x), tensorOf(trace.y)];
      for (const [i, step] of trace.steps.entries()) {
        const loss = (await model.trainOnBatch(x, y)) as number;
        expect(Math.abs(loss - step.loss), `loss of step ${i + 1}`).toBeLessThanOrEqual(tolerance);
        expectState(model, trace, step.after, `after step ${i + 1}`);
        if (eachStepAlone) setState(model, trace, step.after);
      }
      tf.tidy(() => expectClose(model.predict(x) as tf.Tensor, trace.predictions, 'predictions'));
      const stripped = clustering.stripClustering(model);
      tf.tidy(() => expectClose(stripped.predict(x) as tf.Tensor, trace.predictions, 'predictions after stripping'));
      for (const key of Object.keys(trace.stripped)) {
        const index = Object.keys(trace.initialWeights)
          .map(name => name.endsWith(`/${key}`))
          .lastIndexOf(true);
        expectClose(stripped.weights[index]!.read(), trace.stripped[key]!, `stripped ${key}`);
      }
      model.optimizer.dispose();
      for (const each of [plain, model, stripped]) disposeModel(each);
      tf.dispose([x, y]);
    });
  });
}

function layoutOf({shape}: Stored, centroids: Stored, perChannel: boolean) {
  return clusterLayout(shape, centroids.shape.at(-1)!, perChannel ? shape.length - 1 : undefined);
}

/** The toolkit's model with the weights that a trace starts with. */
function modelOf(trace: TraceCase): tf.LayersModel {
  const model = tf.sequential();
  trace.layers.forEach(({className, name, config}, i) => {
    const inputShape = i === 0 ? {inputShape: trace.x.shape.slice(1)} : {};
    model.add(layerOf(className, {...camelCase(config), name, ...inputShape}, trace.x.shape));
  });
  const weights = Object.values(trace.initialWeights).map(tensorOf);
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

function layerOf(className: string, config: Record<string, unknown>, inputShape: readonly number[]): tf.layers.Layer {
  const {layers} = tf;
  switch (className) {
    case 'Bidirectional':
      return layers.bidirectional({
        ...config,
        layer: layers.lstm({units: 2, recurrentActivation: 'sigmoid'}) as tf.RNN,
        mergeMode: 'concat',
      });
    case 'Conv1D':
      return layers.conv1d(config as never);
    case 'Conv2D':
      return layers.conv2d(config as never);
    case 'Dense':
      return layers.dense(config as never);
    case 'Embedding':
      return layers.embedding({...config, inputLength: inputShape[1]!} as never);
    case 'Flatten':
      return layers.flatten(config as never);
    case 'LSTM':
      return layers.lstm(config as never) as tf.layers.Layer;
    case 'SeparableConv2D':
      return layers.separableConv2d(config as never);
    default:
      throw new Error(`no ${className} was expected in the vectors`);
  }
}

function camelCase(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]),
  );
}

function tensorOf({shape, data}: Stored): tf.Tensor {
  return tf.tensor(data, shape);
}

function wrappersOf(model: tf.LayersModel): clustering.ClusterWeights[] {
  return model.layers.filter(layer => layer instanceof clustering.ClusterWeights);
}

/** Puts weights and centroids as they are in the vectors, and assigns the weights anew. */
function setState(model: tf.LayersModel, trace: TraceCase, state: Readonly<Record<string, LayerState>>): void {
  for (const wrapper of wrappersOf(model)) {
    const {name, weights} = wrapper.layer;
    const own = state[name];
    if (own === undefined) continue;
    const write = (variable: tf.LayerVariable, key: string): void =>
      tf.tidy(() => {
        variable.write(tensorOf(own[key]!));
      });
    weightKeys(trace, name).forEach((key, i) => {
      write(weights[i]!, key);
    });
    wrapper.clusteredWeights.forEach(({centroids}, i) => {
      write(centroids, keysOf(own, 'cluster_centroids_')[i]!);
    });
  }
  const zeros = tf.zeros(trace.x.shape);
  tf.dispose([zeros, model.predict(zeros)]);
}

/** The names of a layer's weights in the vectors' states, in the order of its weights. */
function weightKeys({initialWeights}: TraceCase, layer: string): string[] {
  return Object.keys(initialWeights).flatMap(key => (key.startsWith(`${layer}/`) ? key.slice(layer.length + 1) : []));
}

function keysOf(state: LayerState, prefix: string): string[] {
  return Object.keys(state).filter(key => key.startsWith(prefix));
}

/** Names in the vectors follow Keras; both sides list weights in one order. */
function expectState(
  model: tf.LayersModel,
  trace: TraceCase,
  expected: Readonly<Record<string, LayerState>>,
  when: string,
): void {
  for (const wrapper of wrappersOf(model)) {
    const {name, weights} = wrapper.layer;
    const state = expected[name];
    if (state === undefined) continue;
    weightKeys(trace, name).forEach((key, i) => {
      expectClose(weights[i]!.read(), state[key]!, `${name}/${key} ${when}`);
    });
    expect(keysOf(state, 'cluster_centroids_')).toHaveLength(wrapper.clusteredWeights.length);
    wrapper.clusteredWeights.forEach((weight, i) => {
      const [centroids, indices] = [keysOf(state, 'cluster_centroids_')[i]!, keysOf(state, 'pulling_indices_')[i]!];
      expectClose(weight.centroids.read(), state[centroids]!, `${name}/${centroids} ${when}`);
      expect([...weight.indices.read().dataSync()], `${name}/${indices} ${when}`).toEqual(state[indices]!.data);
    });
  }
}

function expectClose(found: tf.Tensor, {shape, data}: Stored, what: string): void {
  expect(found.shape, what).toEqual(shape);
  const values = found.dataSync();
  const worst = data.reduce((max, value, i) => Math.max(max, Math.abs(value - values[i]!)), 0);
  expect(worst, `${what}: distance`).toBeLessThanOrEqual(tolerance);
}

import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {onnxFromKeras} from '../../bench/inference/onnx/from-keras.ts';
import {channelsFirst, channelsLast, transpose} from '../../bench/inference/onnx/layout.ts';
import {onnxruntimeNode, onnxruntimeWeb} from '../../bench/inference/runners/onnxruntime.ts';
import type {Runner} from '../../bench/inference/runners/runner.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {normalValues} from '../../testing/seeded.ts';
import {seedWeights} from '../../testing/weights.ts';
import {unmet} from '../_needs.ts';

const {layers} = tf;
const IMAGE = [2, 9, 7, 4];

/** What a network between input and output looks like, and the shape that goes in. */
const NETWORKS: Readonly<Record<string, {shape: number[]; build: (x: tf.SymbolicTensor) => tf.SymbolicTensor}>> = {
  dense: {shape: [3, 5], build: x => apply(x, layers.dense({units: 4, activation: 'softmax'}))},
  'dense of a sequence': {
    shape: [3, 2, 5],
    build: x => apply(x, layers.flatten(), layers.dense({units: 4, useBias: false})),
  },
  'convolution, same': {
    shape: IMAGE,
    build: x =>
      apply(x, layers.conv2d({filters: 3, kernelSize: [3, 2], padding: 'same', strides: 2, activation: 'relu'})),
  },
  'convolution, dilated': {
    shape: IMAGE,
    build: x => apply(x, layers.conv2d({filters: 3, kernelSize: 3, dilationRate: 2})),
  },
  'padded convolution': {
    shape: IMAGE,
    build: x =>
      apply(
        x,
        layers.zeroPadding2d({
          padding: [
            [1, 2],
            [0, 1],
          ],
        }),
        layers.conv2d({filters: 3, kernelSize: 3, strides: 2}),
      ),
  },
  'depthwise convolution': {
    shape: IMAGE,
    build: x =>
      apply(x, layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu6'})),
  },
  'pooling, flatten, dense': {
    shape: IMAGE,
    build: x =>
      apply(
        x,
        layers.maxPooling2d({poolSize: 3, strides: 2, padding: 'same'}),
        layers.averagePooling2d({poolSize: 2, strides: 1, padding: 'same'}),
        layers.batchNormalization(),
        layers.activation({activation: 'relu'}),
        layers.flatten(),
        layers.dropout({rate: 0.5}),
        layers.dense({units: 3}),
      ),
  },
  'branches and mean': {
    shape: IMAGE,
    build: x => {
      const branch = apply(x, layers.conv2d({filters: 2, kernelSize: 1}), layers.batchNormalization({scale: false}));
      return apply([x, branch], layers.concatenate(), layers.globalAveragePooling2d({}));
    },
  },
  lstm: {shape: [2, 6, 5], build: x => apply(x, layers.lstm({units: 4, recurrentActivation: 'sigmoid'}))},
};

function apply(x: tf.SymbolicTensor | tf.SymbolicTensor[], ...chain: tf.layers.Layer[]): tf.SymbolicTensor {
  return chain.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x as tf.SymbolicTensor);
}

describe('layouts', () => {
  test('a transposition moves every value', () => {
    expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test('channels go first and come back', () => {
    const values = normalValues(2 * 3 * 4 * 5, 1);
    const first = channelsFirst(values, [2, 3, 4, 5]);
    expect(first[(1 * 3 + 2) * 4 + 3]).toBe(values[(2 * 4 + 3) * 5 + 1]);
    expect(channelsLast(first, [2, 3, 4, 5])).toEqual(values);
  });
});

test('a layer that the writer does not know is named', () => {
  const model = tf.sequential({layers: [layers.gru({units: 2, inputShape: [3, 4], name: 'strange'})]});
  expect(() => onnxFromKeras(model, [1, 3, 4])).toThrow("no GRU, the class of 'strange'");
  model.dispose();
});

const runtimes = [await onnxruntimeWeb(), await onnxruntimeNode()];

for (const [index, name] of ['onnxruntime-web', 'onnxruntime-node'].entries()) {
  const runtime = runtimes[index];
  const needs = unmet({isMet: runtime !== undefined, by: 'npm ci --prefix bench'});
  describe.skipIf(needs)(`${name} computes what TensorFlow.js does${needs}`, () => {
    checkLeaks();
    beforeAll(async () => {
      await tf.setBackend('cpu');
    });

    test.for(Object.entries(NETWORKS))('%s', async ([, {shape, build}]) => {
      const input = layers.input({batchShape: shape});
      const model = tf.model({inputs: input, outputs: build(input)});
      seedWeights(model, 1);
      const values = normalValues(
        shape.reduce((product, size) => product * size, 1),
        2,
      );
      const session = await (runtime as Runner).prepare({model, input: values, inputShape: shape});
      const actual = session.channelsLast(await session.run());
      const expected = tf.tidy(() =>
        (model.predict(tf.tensor(values, shape), {batchSize: 64}) as tf.Tensor).dataSync(),
      );
      expect(actual.length).toBe(expected.length);
      let largest = 0;
      for (const [i, value] of expected.entries()) largest = Math.max(largest, Math.abs(value - actual[i]!));
      expect(largest).toBeLessThan(1e-5);
      await session.dispose();
      model.dispose();
    });
  });
}

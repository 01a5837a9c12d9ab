import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {sparsity} from 'tfjs-model-optimization';
import {afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {configOf, disposeModel, everyStep, random, trainSteps} from './_training.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize} = sparsity;

const dense = (units: number, seed: number, more: object = {}): tf.layers.Layer =>
  tf.layers.dense({units, activation: 'tanh', kernelInitializer: tf.initializers.glorotUniform({seed}), ...more});
beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('layers behave while wrapped as they do alone', () => {
  /** Checks that pruning at sparsity 0 changes no prediction and that stripping gives the model back. */
  const expectSame = async (model: tf.LayersModel, inputs: tf.Tensor | tf.Tensor[]): Promise<void> => {
    const pruned = pruneLowMagnitude(model);
    const stripped = stripPruning(pruned);
    const outputs = [model, pruned, stripped].map(each => [each.predict(inputs)].flat());
    const [expected, ...others] = outputs.map(list => list.map(each => each.dataSync()));
    for (const other of others) expect(other).toEqual(expected);
    expect(configOf(stripped)).toEqual(configOf(model));
    expect(await summarize(pruned)).toMatchObject({weights: expect.anything()});
    tf.dispose([inputs, outputs].flat(2));
    for (const each of [pruned, stripped, model]) disposeModel(each);
  };

  test('an embedding hands its Keras mask on', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({
          inputDim: 10,
          outputDim: 4,
          maskZero: true,
          batchInputShape: [null, null],
          embeddingsInitializer: tf.initializers.randomNormal({seed: 1}),
        }),
        tf.layers.lstm({units: 3, kernelInitializer: tf.initializers.glorotNormal({seed: 2})}) as tf.layers.Layer,
      ],
    });
    const masked = tf.tensor2d([[1, 2, 0, 0, 0]]);
    const full = tf.tensor2d([[1, 2]]);
    const [a, b] = [model.predict(masked) as tf.Tensor, model.predict(full) as tf.Tensor];
    expect(a.dataSync()).toEqual(b.dataSync());
    tf.dispose([a, b, full]);
    await expectSame(model, masked);
  });

  test('an embedding is pruned', async () => {
    const model = tf.sequential({
      layers: [tf.layers.embedding({inputDim: 10, outputDim: 3, inputLength: 5}), tf.layers.flatten(), dense(5, 1)],
    });
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const [xs, ys] = [tf.tensor2d([[1, 2, 3, 4, 5]]), random([1, 5], 2)];
    await trainSteps(pruned, xs, ys, 1);
    const {weights} = await summarize(pruned);
    // 75 weights of the dense kernel: half to even keeps 38.
    expect(weights.map(({weight, sparsity: realised}) => [weight, realised])).toEqual([
      ['embeddings', 0.5],
      ['kernel', 1 - 38 / 75],
    ]);
    tf.dispose([xs, ys]);
    model.dispose();
    pruned.dispose();
  });

  test('a recurrent layer takes its initial state', async () => {
    // TF.js warns of arguments that it cannot save, and saves them as inputs all the same.
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const sequence = tf.input({shape: [3, 4]});
    const states = [tf.input({shape: [2]}), tf.input({shape: [2]})];
    const lstm = tf.layers.lstm({units: 2, kernelInitializer: tf.initializers.glorotNormal({seed: 2})});
    const model = tf.model({
      inputs: [sequence, ...states],
      outputs: lstm.apply(sequence, {initialState: states}) as tf.SymbolicTensor,
    });
    await expectSame(model, [random([2, 3, 4], 1), random([2, 2], 2), random([2, 2], 3)]);
  });

  test('a wrapped recurrent layer takes its initial state where it is built in', () => {
    const sequence = tf.input({shape: [3, 4]});
    const state = tf.input({shape: [2]});
    const gru = tf.layers.gru({
      units: 2,
      kernelInitializer: tf.initializers.glorotNormal({seed: 2}),
    }) as tf.layers.Layer;
    const plain = tf.model({
      inputs: [sequence, state],
      outputs: gru.apply(sequence, {initialState: [state]}) as tf.SymbolicTensor,
    });
    const model = tf.model({
      inputs: [sequence, state],
      outputs: pruneLowMagnitude(gru).apply(sequence, {initialState: [state]}) as tf.SymbolicTensor,
    });
    const inputs = [random([2, 3, 4], 1), random([2, 2], 2)];
    const [a, b] = [plain.predict(inputs) as tf.Tensor, model.predict(inputs) as tf.Tensor];
    expect(b.dataSync()).toEqual(a.dataSync());
    tf.dispose([inputs, a, b].flat());
    plain.dispose();
    model.dispose();
  });

  test('a stateful layer keeps and resets its state', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.simpleRNN({units: 2, stateful: true, batchInputShape: [1, 1, 2]}) as tf.layers.Layer,
        dense(1, 2),
      ],
    });
    const pruned = pruneLowMagnitude(model);
    expect(pruned.stateful).toBe(true);
    const xs = random([1, 1, 2], 1);
    const value = (each: tf.LayersModel): number => tf.tidy(() => (each.predict(xs) as tf.Tensor).dataSync()[0]!);
    const expected = [value(model), value(model)];
    expect([value(pruned), value(pruned)]).toEqual(expected);
    expect(expected[0]).not.toBe(expected[1]);
    pruned.resetStates();
    expect(value(pruned)).toBe(expected[0]);
    xs.dispose();
    model.dispose();
    pruned.dispose();
    // TF.js keeps the states of a stateful layer for good, one of each model.
    leaks.expect(2);
  });

  test('frozen layers stay frozen, batch normalisation and all, and are pruned', async () => {
    const nested = tf.sequential({layers: [dense(4, 1, {inputShape: [4]}), tf.layers.batchNormalization()]});
    nested.trainable = false;
    const model = tf.sequential({layers: [nested, dense(4, 2, {trainable: false}), dense(2, 3)]});
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const stripped = stripPruning(pruned);
    const names = (each: tf.LayersModel): string[] => each.trainableWeights.map(weight => weight.originalName);
    expect(names(stripped)).toEqual(names(model));
    expect(pruned.trainableWeights).toHaveLength(2);
    const [xs, ys] = [random([4, 4], 1), random([4, 2], 2)];
    await trainSteps(pruned, xs, ys, 1);
    expect((await summarize(pruned)).weights.map(({sparsity: realised}) => realised)).toEqual([0.5, 0.5, 0.5]);
    const after = stripPruning(pruned);
    expect(after.layers[1]!.getWeights().map(weight => Array.from(weight.dataSync()).filter(Boolean).length)).toEqual([
      8, 0,
    ]);
    expect(configOf(after)).toEqual(configOf(model));
    tf.dispose([xs, ys]);
    for (const each of [model, pruned, stripped, after]) each.dispose();
  });

  test('masks stay with their weights when one of a layer is frozen after pruning', async () => {
    const recurrentInitializer = tf.initializers.glorotNormal({seed: 1});
    const lstm = tf.layers.lstm({units: 3, inputShape: [4, 2], recurrentInitializer, name: 'lstm'});
    const model = tf.sequential({layers: [lstm as tf.layers.Layer, dense(2, 3)]});
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const [xs, ys] = [random([4, 4, 2], 1), random([4, 2], 2)];
    await trainSteps(pruned, xs, ys, 1);
    const {layer} = pruned.layers[0] as sparsity.PruneLowMagnitude;
    layer.weights.find(({originalName}) => originalName.endsWith('/kernel'))!.trainable = false;
    const stripped = stripPruning(pruned);
    const {weights} = await summarize(stripped);
    expect(weights.map(({weight, sparsity: realised}) => [weight, realised])).toEqual([
      ['recurrent_kernel', 0.5],
      ['kernel', 0.5],
      ['kernel', 0.5],
    ]);
    const [a, b] = [pruned.predict(xs) as tf.Tensor, stripped.predict(xs) as tf.Tensor];
    expect(b.dataSync()).toEqual(a.dataSync());
    tf.dispose([xs, ys, a, b]);
    for (const each of [model, pruned, stripped]) each.dispose();
  });

  test('a layer of which one weight is frozen is pruned and stripped as it is', () => {
    const layer = tf.layers.simpleRNN({units: 3, kernelInitializer: tf.initializers.glorotNormal({seed: 2})}) as tf.RNN;
    const model = tf.sequential({
      layers: [tf.layers.bidirectional({layer, mergeMode: 'concat', inputShape: [4, 3]}), dense(2, 1)],
    });
    model.weights[0]!.trainable = false;
    const pruned = pruneLowMagnitude(model);
    const stripped = stripPruning(pruned);
    const state = (each: tf.LayersModel): unknown[] =>
      each.weights.map(weight => [weight.originalName, weight.trainable, weight.read().dataSync()]);
    expect(state(stripped)).toEqual(state(model));
    expect(pruned.trainableWeights).toHaveLength(model.trainableWeights.length);
    for (const each of [model, pruned, stripped]) each.dispose();
  });

  test('regularizers still add to the loss', async () => {
    const kernelRegularizer = tf.regularizers.l2({l2: 0.5});
    const model = tf.sequential({layers: [dense(3, 1, {inputShape: [4], kernelRegularizer})]});
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0)});
    const [xs, ys] = [random([4, 4], 1), random([4, 3], 2)];
    const plain = await trainSteps(model, xs, ys, 2, []);
    const {history} = await trainSteps(pruned, xs, ys, 2);
    expect(history['loss']).toEqual(plain.history['loss']);
    tf.dispose([xs, ys]);
    model.dispose();
    pruned.dispose();
  });
});

test('blocks of any shape, on dense and convolution kernels', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 2,
        inputShape: [4, 4, 4],
        kernelInitializer: tf.initializers.glorotNormal({seed: 1}),
      }),
      tf.layers.flatten(),
      dense(6, 2),
    ],
  });
  const [xs, ys] = [random([2, 4, 4, 4], 1), random([2, 6], 2)];
  for (const [blockSize, blockPoolingType] of [
    [[4, 1], 'AVG'],
    [[1, 2], 'MAX'],
    [[2, 3], 'AVG'],
  ] as const) {
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5), blockSize, blockPoolingType});
    await trainSteps(pruned, xs, ys, 2);
    const stripped = stripPruning(pruned);
    const [kernel] = stripped.layers[2]!.getWeights() as [tf.Tensor2D];
    const values = kernel.arraySync();
    const [height, width] = blockSize;
    values.forEach((row, r) => {
      row.forEach((value, c) => {
        const corner = values[r - (r % height)]![c - (c % width)]!;
        expect(value === 0).toBe(corner === 0);
      });
    });
    const {weights} = await summarize(pruned);
    for (const weight of weights) expect(Math.abs(weight.sparsity - 0.5)).toBeLessThan(0.02);
    pruned.dispose();
    stripped.dispose();
  }
  tf.dispose([xs, ys]);
  model.dispose();
});

test('stripping writes +0 for every pruned weight', async () => {
  const model = tf.sequential({layers: [dense(8, 1, {inputShape: [8]})]});
  const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.75)});
  const [xs, ys] = [random([4, 8], 1), random([4, 8], 2)];
  await trainSteps(pruned, xs, ys, 2);
  const bits = (each: tf.LayersModel): Set<number> =>
    new Set(new Int32Array(each.getWeights()[0]!.dataSync().slice().buffer));
  const negativeZero = -0x80000000;
  expect(bits(pruned).has(negativeZero)).toBe(true);
  const stripped = stripPruning(pruned);
  expect(bits(stripped).has(negativeZero)).toBe(false);
  expect(bits(stripped).has(0)).toBe(true);
  tf.dispose([xs, ys]);
  for (const each of [model, pruned, stripped]) each.dispose();
});

test('on the wasm backend too, pruned weights are +0 and exact in number', async () => {
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  const model = tf.sequential({layers: [dense(16, 1, {inputShape: [8]}), dense(3, 2)]});
  const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.75)});
  const [xs, ys] = [random([4, 8], 1), random([4, 3], 2)];
  await trainSteps(pruned, xs, ys, 3);
  const stripped = stripPruning(pruned);
  const zeros = stripped.layers.map(
    layer => Array.from(layer.getWeights()[0]!.dataSync()).filter(value => Object.is(value, 0)).length,
  );
  expect(zeros).toEqual([96, 36]);
  tf.dispose([xs, ys]);
  for (const each of [model, pruned, stripped]) each.dispose();
  await tf.setBackend('cpu');
});

import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compile} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {layer, sequentialArtifacts} from './_artifacts.ts';
import {inputsOf, relativeError, setWeights} from './_compare.ts';

checkLeaks();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function convnet(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({inputShape: [12, 12, 1], filters: 8, kernelSize: 3, padding: 'same', activation: 'relu'}),
      tf.layers.maxPooling2d({poolSize: 2}),
      tf.layers.flatten(),
      tf.layers.dense({units: 10, activation: 'softmax', name: 'digits'}),
    ],
  });
  setWeights(model, seeded(5), {sparsity: 0.5});
  return model;
}

test('tensors in give tensors out, of the same TensorFlow.js, and none is left over', async () => {
  const model = convnet();
  const engine = await compile(model);
  const [x] = inputsOf(model, 3, seeded(1)) as [tf.Tensor];
  const before = tf.memory().numTensors;
  const y = await engine.predict(x);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(y).toBeInstanceOf(tf.Tensor);
  expect([y.shape, y.dtype]).toEqual([[3, 10], 'float32']);
  const want = model.predict(x) as tf.Tensor;
  expect(relativeError(y.dataSync(), want.dataSync())).toBeLessThan(1e-5);
  const [inList] = await engine.predict([x]);
  const byName = await engine.predict({[engine.inputs[0]!.name]: x});
  expect([...inList!.dataSync()]).toEqual([...y.dataSync()]);
  expect([...byName['digits']!.dataSync()]).toEqual([...y.dataSync()]);
  tf.disposeVariables();
  tf.dispose([x, y, want, inList!, byName['digits']!]);
});

test('typed arrays of any kind and length give Float32Arrays, whatever the batch size', async () => {
  const model = convnet();
  const pixels = Uint8Array.from({length: 7 * 144}, (_, i) => (i * 37) % 256);
  const results: Float32Array[] = [];
  for (const batchSize of [1, 2, 3, 7, 16]) {
    const engine = await compile(model, {batchSize});
    results.push(await engine.predict(pixels), await engine.predict(Float64Array.from(pixels)));
    expect(engine.describe().batchSize).toBe(batchSize);
    engine.dispose();
  }
  for (const result of results) {
    expect(result).toHaveLength(70);
    expect(relativeError(result, results[0]!)).toBeLessThan(1e-5);
  }
  tf.disposeVariables();
});

test('buffers of floats and nested lists give what typed arrays give', async () => {
  const model = convnet();
  const engine = await compile(model);
  const pixels = Float32Array.from({length: 2 * 144}, seeded(8));
  const image = (first: number) =>
    Array.from({length: 12}, (_, row) => Array.from({length: 12}, (_, column) => [pixels[first + row * 12 + column]!]));
  const nested = [image(0), image(144)];
  const want = [...(await engine.predict(pixels))];
  expect([...(await engine.predict(pixels.buffer))]).toEqual(want);
  expect([...(await engine.predict(nested))]).toEqual(want);
  const name = engine.inputs[0]!.name;
  for (const given of [pixels.buffer, nested]) {
    const byName = await engine.predict({[name]: given});
    expect(byName['digits']).toBeInstanceOf(Float32Array);
    expect([...byName['digits']!]).toEqual(want);
  }
  expect(await engine.profile(nested)).toHaveLength(engine.describe().ops.length);
  tf.disposeVariables();
});

test('engines do not disturb one another, and neither do calls of one', async () => {
  const model = convnet();
  const random = seeded(3);
  const inputs = Array.from({length: 6}, () => Float32Array.from({length: 144}, random));
  const engines = await Promise.all([compile(model), compile(model), compile(model, {batchSize: 4})]);
  const alone: Float32Array[] = [];
  for (const input of inputs) alone.push(await engines[0].predict(input));
  const together = await Promise.all(inputs.map((input, i) => engines[i % 3]!.predict(input)));
  together.forEach((values, i) => {
    expect(relativeError(values, alone[i]!)).toBeLessThan(1e-6);
  });
  engines[1].dispose();
  expect([...(await engines[0].predict(inputs[2]!))]).toEqual([...alone[2]!]);
  tf.disposeVariables();
});

test('describe counts non-zeros, bytes and multiply-adds of each op', async () => {
  const model = convnet();
  setWeights(model, seeded(9), {sparsity: 0.9});
  const kernel = model.getLayer('digits').getWeights()[0]!.dataSync();
  let nonZeros = 0;
  for (const value of kernel) if (value !== 0) nonZeros++;
  const engine = await compile(model, {variant: 'simd'});
  const {ops, variant, weightBytes, activationBytes, memoryBytes} = engine.describe();
  expect(variant).toBe('simd');
  expect(ops.map(op => op.type)).toEqual(['conv2d', 'pool2d', 'reshape', 'dense', 'softmax']);
  const dense = ops[3]!;
  expect(dense).toMatchObject({
    layer: 'digits',
    nonZeros,
    kernels: [expect.stringMatching(`^${dense.format}Vector\\d`)],
  });
  expect(dense.multiplyAdds + dense.skippedMultiplyAdds).toBe(288 * 10);
  expect(dense.multiplyAdds).toBeGreaterThanOrEqual(nonZeros);
  expect(ops[0]!.multiplyAdds + ops[0]!.skippedMultiplyAdds).toBe(144 * 72);
  expect(ops.reduce((sum, op) => sum + op.weightBytes, 0)).toBeLessThanOrEqual(weightBytes);
  expect(weightBytes + activationBytes).toBeLessThanOrEqual(memoryBytes);
  const profile = await engine.profile(new Float32Array(144));
  expect(profile.map(({layer, type}) => ({layer, type}))).toEqual(ops.map(({layer, type}) => ({layer, type})));
  expect(profile.every(({ms}) => ms >= 0) && profile.some(({ms}) => ms > 0)).toBe(true);
  tf.disposeVariables();
});

/** A dense layer of half a million weights, `share` of them zeros. */
function wide(share: number): ModelArtifacts {
  const random = seeded(4);
  const kernel = Float32Array.from({length: 1024 * 512}, () => (random() < share ? 0 : random() - 0.5));
  return sequentialArtifacts([layer('Dense', 'dense', {units: 512, batch_input_shape: [null, 1024]})], {
    'dense/kernel': [[1024, 512], kernel],
    'dense/bias': [[512], new Float32Array(512)],
  });
}

test('a sparse model takes less memory than its dense file, and lets the dense weights go', async () => {
  let artifacts: ModelArtifacts | null = wide(0.9);
  const fileBytes = (artifacts.weightData as ArrayBuffer).byteLength;
  const file = new WeakRef(artifacts.weightData as ArrayBuffer);
  const engine = await compile(artifacts);
  artifacts = null;
  const {memoryBytes, weightBytes} = engine.describe();
  expect(weightBytes).toBeLessThan(fileBytes * 0.2);
  expect(memoryBytes).toBeLessThan(fileBytes * 0.3);
  await new Promise(resolve => setTimeout(resolve, 0));
  collectGarbage();
  expect(file.deref()).toBeUndefined();
  expect((await engine.predict(new Float32Array(1024))).every(value => value === 0)).toBe(true);
});

test('memory for activations is shared by ops that do not need theirs at once', async () => {
  const relu = (name: string) =>
    layer('Conv2D', name, {filters: 4, kernel_size: 1, use_bias: false, batch_input_shape: [null, 32, 32, 4]});
  const names = Array.from({length: 12}, (_, i) => `conv${i}`);
  const weights = Object.fromEntries(
    names.map(name => [`${name}/kernel`, [[1, 1, 4, 4], new Float32Array(16).fill(0.25)]] as const),
  );
  const engine = await compile(sequentialArtifacts(names.map(relu), weights));
  const one = 32 * 32 * 4 * 4;
  expect(engine.describe().activationBytes).toBeLessThan(one * 3.2);
  expect((await engine.predict(new Float32Array(4096).fill(1))).every(value => Math.abs(value - 1) < 1e-5)).toBe(true);
});

test('tuned engines measure the formats on the spot, and compute the same', async () => {
  const x = Float32Array.from({length: 1024}, seeded(6));
  const [trusting, tuned] = await Promise.all([compile(wide(0.9)), compile(wide(0.9), {tune: true})]);
  expect(relativeError(await tuned.predict(x), await trusting.predict(x))).toBeLessThan(1e-5);
  const formats = [trusting, tuned].map(engine => engine.describe().ops[0]!.format);
  // Half a million weights of which a tenth is left: no machine is fastest on all of them.
  expect(formats).not.toContain('dense');
});

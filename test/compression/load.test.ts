import * as tf from '@tensorflow/tfjs';
import {compression} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

beforeAll(() => tf.setBackend('cpu'));

function convnet(): tf.LayersModel {
  const model = tf.sequential();
  const seed = (n: number): {kernelInitializer: ReturnType<typeof tf.initializers.glorotUniform>} => ({
    kernelInitializer: tf.initializers.glorotUniform({seed: n}),
  });
  model.add(tf.layers.conv2d({filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1], ...seed(1)}));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({units: 5, activation: 'softmax', ...seed(2)}));
  return model;
}

test.each([{}, {bits: 6}, {codebook: 12}, {step: 0.02, include: 'all'}] as const)(
  'a model packed with %j predicts in TensorFlow.js what the report says',
  async options => {
    const model = convnet();
    const {bytes, artifacts} = await compression.compressWithReport(model, options);
    const loaded = await tf.loadLayersModel(compression.compressed(bytes));
    const expected = await tf.loadLayersModel({load: async () => artifacts as tf.io.ModelArtifacts});
    const xs = tf.randomUniform([3, 8, 8, 1], 0, 1, 'float32', 7);
    const [now, reported, original] = [loaded, expected, model].map(one => one.predict(xs) as tf.Tensor);
    expect(await now!.data()).toEqual(await reported!.data());
    const distance = tf.tidy(() => now!.sub(original!).abs().max().arraySync() as number);
    if (Object.keys(options).length === 0) expect(distance).toBe(0);
    else expect(distance).toBeGreaterThan(0);
    expect(distance).toBeLessThan(0.1);
    expect(loaded.getWeights().map(({shape}) => shape)).toEqual(model.getWeights().map(({shape}) => shape));
    tf.dispose([xs, now!, reported!, original!]);
    for (const one of [model, loaded, expected]) one.dispose();
  },
);

test('a file without loss holds the model as it was', async () => {
  const model = convnet();
  const original = await artifactsOf(model);
  const {weightData, ...head} = await compression.decompress(await compression.compress(model));
  const {weightData: given, ...expected} = original;
  expect(head).toEqual(JSON.parse(JSON.stringify(expected)));
  expect(weightData).toEqual(Array.isArray(given) ? given[0] : given);
  model.dispose();
});

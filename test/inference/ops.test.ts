import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, expect, test} from 'vitest';
import {compile} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {CASES} from './_cases.ts';
import {expectSame, inputsOf, relativeError, setWeights} from './_compare.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');
beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each(CASES.map(([name, shape, make, entries]) => ({name, shape, make, entries})))(
  '$name',
  async ({name, shape, make, entries}) => {
    const layers = [make()].flat();
    const input = tf.input({shape: [...shape]});
    const output = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    const model = tf.model({inputs: input, outputs: output});
    for (const sparsity of [0, 0.8]) {
      const random = seeded(name.length * 131 + sparsity * 10 + shape.length);
      setWeights(model, random, {sparsity});
      const inputs = inputsOf(model, 3, random, entries);
      await expectSame(model, inputs);
      tf.dispose(inputs);
    }
    model.dispose();
  },
);

test('batchNormalization of axis 1, which the cpu backend gets wrong, is what its definition says', async () => {
  const model = tf.sequential({layers: [tf.layers.batchNormalization({axis: 1, inputShape: [4, 3, 2]})]});
  const random = seeded(5);
  setWeights(model, random, {sparsity: 0});
  const [x] = inputsOf(model, 2, random) as [tf.Tensor];
  const engine = await compile(model);
  const got = await engine.predict(x.dataSync() as Float32Array);
  const want = tf.tidy(() => {
    const [gamma, beta, mean, variance] = model.getWeights().map(weight => weight.reshape([1, 4, 1, 1]));
    return x.sub(mean!).div(variance!.add(1e-3).sqrt()).mul(gamma!).add(beta!).dataSync();
  });
  expect(relativeError(got, want)).toBeLessThan(1e-5);
  engine.dispose();
  tf.disposeVariables();
  tf.dispose(x);
});

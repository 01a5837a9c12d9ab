import * as tf from '@tensorflow/tfjs';
import {compression, inference} from 'tfjs-model-optimization';
import {expect, test} from 'vitest';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

test('a model is compiled live, as artifacts, as .tfmz bytes and from a loader, with one result', async () => {
  await tf.setBackend('cpu');
  const model = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [4], activation: 'tanh'})]});
  const input = Float32Array.of(1, -2, 0.5, 3);
  const artifacts = await artifactsOf(model);
  const file = await compression.compress(artifacts);
  const sources = [
    model,
    artifacts,
    file,
    compression.compressed(file),
    tf.io.fromMemory(artifacts as tf.io.ModelArtifacts),
  ];
  const results: unknown[] = [];
  for (const source of sources) {
    const engine = await inference.compile(source as inference.ModelSource);
    results.push(await engine.predict(input));
    engine.dispose();
  }
  const expected = tf.tidy(() => (model.predict(tf.tensor2d(input, [1, 4])) as tf.Tensor).dataSync());
  for (const result of results) expect(result).toEqual(results[0]);
  (results[0] as Float32Array).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
  model.dispose();
});

test('bytes that are no .tfmz file are refused', async () => {
  await expect(inference.compile(new Uint8Array(40))).rejects.toMatchObject({code: 'corrupt-file'});
});

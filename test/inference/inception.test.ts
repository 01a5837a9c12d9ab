import v8 from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {inceptionV3} from '../../bench/inference/works/inception-v3.ts';
import {compile} from '../../src/inference/index.ts';
import type {Pattern} from '../../src/masks/pattern.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {uniformValues} from '../../testing/seeded.ts';
import {pruneWeights} from '../../testing/weights.ts';
import {fullRun, nsfwModels, unmet} from '../_needs.ts';
import {relativeError, VARIANTS} from './_compare.ts';

const needs = unmet(fullRun, nsfwModels);

const PATTERNS: Readonly<Record<string, Pattern | undefined>> = {
  dense: undefined,
  'pruned 90 %': {type: 'element'},
  'pruned 90 % in blocks of 1x4': {type: 'block', size: [1, 4], pooling: 'AVG'},
};

// Node 20 has relaxed SIMD, but leaves it off.
v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

describe.skipIf(needs)(`InceptionV3 computes what TensorFlow.js does${needs}`, () => {
  checkLeaks();
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.for(Object.entries(PATTERNS))('%s', async ([, pattern]) => {
    const whole = await inceptionV3.build();
    if (pattern !== undefined) pruneWeights(whole, pattern, 0.9);
    // The features before the classifier too: the classifier's softmax hides small differences.
    const features = whole.layers.filter(layer => layer.getClassName() === 'Concatenate').at(-1)!;
    const model = tf.model({inputs: whole.inputs, outputs: [features.output as tf.SymbolicTensor, whole.outputs[0]!]});
    const input = uniformValues(299 * 299 * 3, 5);
    const expected = tf.tidy(() =>
      (model.predict(tf.tensor(input, [1, 299, 299, 3])) as tf.Tensor[]).map(output => output.dataSync()),
    );
    for (const variant of VARIANTS) {
      const engine = await compile(model, {variant});
      const actual = await engine.predict([input]);
      engine.dispose();
      for (const [index, output] of actual.entries()) {
        expect(relativeError(output, expected[index]!), `${variant}, output ${index}`).toBeLessThanOrEqual(1e-4);
      }
    }
    whole.dispose();
  });
});

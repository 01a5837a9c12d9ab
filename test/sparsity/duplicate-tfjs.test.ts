import {createRequire} from 'node:module';
import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize, updatePruningStep} = sparsity;

const own = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3], name: 'own'})]});
// The bundle for browsers, loaded beside the one for Node that this library imports. Both share one tfjs-core, whose
// registry of layer classes the second copy fills with its own.
const other: typeof tf = createRequire(import.meta.url)('@tensorflow/tfjs-layers/dist/tf-layers.min.js');
const foreign = other.sequential({layers: [other.layers.dense({units: 1, inputShape: [2]})]});

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each<[string, () => unknown]>([
  ['pruneLowMagnitude of its model', () => pruneLowMagnitude(foreign)],
  ['pruneLowMagnitude of its layer', () => pruneLowMagnitude(foreign.layers[0]!)],
  ['pruneLowMagnitude of a list of its layers', () => pruneLowMagnitude(foreign.layers)],
  ['pruneLowMagnitude of an own model, which could not be rebuilt', () => pruneLowMagnitude(own)],
  ['stripPruning', () => stripPruning(foreign)],
  ['summarize', () => summarize(foreign)],
  ['updatePruningStep', () => updatePruningStep().setModel(foreign)],
])('with two copies of tfjs-layers, %s says so', async (_, run) => {
  await expect((async () => run())()).rejects.toMatchObject({
    name: 'TfmotError',
    code: 'duplicate-tfjs',
    message: expect.stringMatching(/npm ls @tensorflow\/tfjs-layers/),
  });
});

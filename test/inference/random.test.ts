import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';
import {expectSame, inputsOf, setWeights} from './_compare.ts';
import {randomModel} from './_random.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');
beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** All of them with `npm run test:full`. */
const NETWORKS = FULL ? 300 : 40;
const SPARSITIES = [0, 0.3, 0.5, 0.7, 0.9, 0.97, 1];

test.each(Array.from({length: NETWORKS}, (_, seed) => seed))('random network %i', async seed => {
  const random = seeded(seed * 7919 + 1);
  const model = randomModel(random);
  setWeights(model, random, {sparsity: SPARSITIES[seed % SPARSITIES.length]!, block: seed % 3 === 0});
  const inputs = inputsOf(model, 3, random);
  await expectSame(model, inputs, {}, [
    {variant: 'simd', batchSize: 1},
    {variant: 'relaxed', batchSize: seed % 2 === 0 ? 2 : 3},
  ]);
  tf.dispose(inputs);
  tf.disposeVariables();
});

import {readFileSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {compression} from 'tfjs-model-optimization';
import {test} from 'vitest';
import {batchOf, loadMnist} from '../../examples/mnist/data.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectSame} from './_compare.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');

const IMAGES = 3;

test.each(['mnist-cnn-90-lossless', 'mnist-cnn-90', 'mnist-cnn-small', 'lenet-300-100-small'])(
  'the trained model %s computes on real digits what TensorFlow.js does',
  async name => {
    await tf.setBackend('cpu');
    const file = new URL(`../../bench/results/size/${name}.tfmz`, import.meta.url);
    const model = await tf.loadLayersModel(compression.compressed(readFileSync(file)));
    const {test: digits} = await loadMnist();
    const {xs, ys} = batchOf(
      digits,
      Array.from({length: IMAGES}, (_, i) => 1234 * i),
    );
    await expectSame(model, [xs], {}, [
      {variant: 'simd', batchSize: 1},
      {variant: 'relaxed', batchSize: 4},
    ]);
    tf.dispose([xs, ys]);
    tf.disposeVariables();
  },
);

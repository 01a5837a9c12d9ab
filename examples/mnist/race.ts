import * as tf from '@tensorflow/tfjs';
import type {Engine} from 'tfjs-model-optimization/inference';
import {batchOf, pixelsOf, type Split} from './data.ts';
import {digitsOf} from './evaluate.ts';
import {showProgress} from './progress.ts';

/** How long the same images take on the sparse engine and on TensorFlow.js. */
export interface Race {
  /** Median time of one image, in milliseconds. */
  readonly engineMs: number;
  readonly tfjsMs: number;
  /** How many times as fast the engine is, by these medians. */
  readonly ratio: number;
  readonly rounds: number;
  readonly imagesPerRound: number;
  /** Images to which both gave the same digit, a share. */
  readonly agreement: number;
}

const ROUNDS = 15;
/** Both compile and warm up before the first round counts. */
const WARM_UP = 3;
const IMAGES_MIN = 20;
const IMAGES_MAX = 500;
/** Shorter turns say more of the clock than of the engine. */
const TURN_MS = 20;

/**
 * Lets both answer the same test images, one at a time, in turns, so that whatever else the machine does slows both.
 *
 * @param model The same model as the engine's. The kernels that training adds to the backend do not take part: one
 *     image at a time goes through the backend's own.
 */
export async function race(engine: Engine, model: tf.LayersModel, split: Split): Promise<Race> {
  const progress = showProgress('race', WARM_UP + ROUNDS, 'rounds');
  const turns: {readonly engine: Turn; readonly tfjs: Turn}[] = [];
  let count = IMAGES_MIN;
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const images = Array.from({length: count}, (_, index) => (round * count + index) % split.count);
    const turn = {
      engine: await timed(images, image => engineDigit(engine, split, image)),
      tfjs: await timed(images, image => tfjsDigit(model, split, image)),
    };
    if (round >= WARM_UP) turns.push(turn);
    else count = Math.min(IMAGES_MAX, Math.max(IMAGES_MIN, Math.ceil(TURN_MS / turn.engine.msPerImage)));
    progress.update(round + 1);
  }
  progress.stop();
  const engineMs = median(turns.map(({engine: {msPerImage}}) => msPerImage));
  const tfjsMs = median(turns.map(({tfjs: {msPerImage}}) => msPerImage));
  const same = turns.flatMap(turn => turn.engine.digits.map((digit, index) => digit === turn.tfjs.digits[index]));
  const agreement = same.filter(Boolean).length / same.length;
  return {engineMs, tfjsMs, ratio: tfjsMs / engineMs, rounds: ROUNDS, imagesPerRound: count, agreement};
}

/** What one of them made of a round. */
interface Turn {
  readonly msPerImage: number;
  readonly digits: readonly number[];
}

async function timed(images: readonly number[], classify: (image: number) => Promise<number>): Promise<Turn> {
  const digits: number[] = [];
  const began = performance.now();
  for (const image of images) digits.push(await classify(image));
  return {msPerImage: (performance.now() - began) / images.length, digits};
}

async function engineDigit(engine: Engine, split: Split, image: number): Promise<number> {
  return digitsOf(await engine.predict(pixelsOf(split, [image])))[0]!;
}

async function tfjsDigit(model: tf.LayersModel, split: Split, image: number): Promise<number> {
  const scores = tf.tidy(() => model.predict(batchOf(split, [image]).xs) as tf.Tensor2D);
  const [digit] = digitsOf(await scores.data<'float32'>());
  scores.dispose();
  return digit!;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

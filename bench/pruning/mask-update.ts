import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {quantile} from '../measure.ts';
import {timed} from './comparison.ts';

/** How long a mask update takes: weights read from the backend, masks computed and written back. */
export interface MaskUpdateTiming {
  readonly weights: number;
  readonly medianMs: number;
  readonly lowerQuartileMs: number;
  readonly upperQuartileMs: number;
  readonly rounds: number;
}

/** Times mask updates at 90 % zeros of one dense kernel `[inputs, units]` on the current backend. */
export async function maskUpdate(
  [inputs, units]: readonly [number, number],
  rounds: number,
): Promise<MaskUpdateTiming> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [inputs],
        units,
        useBias: false,
        kernelInitializer: tf.initializers.randomUniform({minval: -1, maxval: 1, seed: 3}),
      }),
    ],
  });
  const pruningSchedule = sparsity.constantSparsity({targetSparsity: 0.9, beginStep: 0, frequency: 1});
  const pruned = sparsity.pruneLowMagnitude(model, {pruningSchedule}) as tf.LayersModel;
  pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const callback = sparsity.updatePruningStep();
  callback.setModel(pruned);
  await callback.onTrainBegin();
  const samples = new Float64Array(rounds);
  for (let round = -4; round < rounds; round++) {
    const ms = await timed(() => callback.onBatchBegin());
    if (round >= 0) samples[round] = ms;
  }
  await callback.onTrainEnd();
  for (const each of [model, pruned]) each.dispose();
  samples.sort();
  return {
    weights: inputs * units,
    medianMs: quantile(samples, 0.5),
    lowerQuartileMs: quantile(samples, 0.25),
    upperQuartileMs: quantile(samples, 0.75),
    rounds,
  };
}

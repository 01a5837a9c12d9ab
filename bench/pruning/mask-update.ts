import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {timed} from '../lib/clock.ts';
import {takeTurns} from '../lib/measure.ts';
import {quartilesOf} from '../lib/quantiles.ts';

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
  const [samples] = await takeTurns([() => timed(() => callback.onBatchBegin())], {rounds, warmUp: 4});
  await callback.onTrainEnd();
  for (const each of [model, pruned]) each.dispose();
  const {lower, median, upper} = quartilesOf(samples!);
  return {weights: inputs * units, medianMs: median, lowerQuartileMs: lower, upperQuartileMs: upper, rounds};
}

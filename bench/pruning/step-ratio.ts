import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {type Comparison, compareInTurns, timed} from './comparison.ts';
import {batchOf, compile, type Network} from './models.ts';

/** Images of a training step. */
const BATCH = 128;

/**
 * Times a training step of a network against the same step of its pruned twin at 90 % zeros, in turns, on the current
 * backend. The callback is part of the pruned step; the one mask update falls in the warm-up, updates are measured on their own.
 */
export async function stepRatio(network: Network, rounds: number): Promise<Comparison> {
  const batch = batchOf(network, BATCH);
  const dense = network.build();
  const pruningSchedule = sparsity.constantSparsity({targetSparsity: 0.9, beginStep: 2, frequency: 1000});
  const pruned = sparsity.pruneLowMagnitude(network.build(), {pruningSchedule}) as tf.LayersModel;
  compile(dense);
  compile(pruned);
  const callback = sparsity.updatePruningStep();
  callback.setModel(pruned);
  await callback.onTrainBegin();
  const comparison = await compareInTurns(
    `${network.title}, pruned step / dense step`,
    [
      () => timed(() => dense.trainOnBatch(batch.xs, batch.ys)),
      () =>
        timed(async () => {
          await callback.onBatchBegin();
          await pruned.trainOnBatch(batch.xs, batch.ys);
        }),
    ],
    {rounds, warmUp: 4},
  );
  await callback.onTrainEnd();
  for (const model of [dense, pruned]) model.dispose();
  tf.dispose(batch);
  return comparison;
}

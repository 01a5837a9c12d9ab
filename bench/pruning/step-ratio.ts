import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {timed} from '../lib/clock.ts';
import type {Run} from '../lib/measure.ts';
import {type Amount, type Comparison, compareInTurns} from './comparison.ts';
import {type Batch, batchOf, compile, type Network} from './models.ts';

/** Images of a training step. */
const BATCH = 128;

/**
 * Times a training step of a network against the same step of its pruned twin at 90 % zeros, in turns, on the current
 * backend. The callback is part of the pruned step; the one mask update falls in the warm-up, updates are measured on
 * their own.
 */
export async function stepRatio(network: Network, amount: Amount): Promise<Comparison> {
  const batch = batchOf(network, BATCH);
  try {
    return await compareInTurns(
      `${network.title}, pruned step / dense step`,
      async index => {
        const prunedFirst = index % 2 !== 0 ? await prunedTrainer(network, batch) : undefined;
        const dense = denseTrainer(network, batch);
        const pruned = prunedFirst ?? (await prunedTrainer(network, batch));
        return {
          first: dense.run,
          second: pruned.run,
          close: () => {
            dense.close();
            pruned.close();
          },
        };
      },
      amount,
    );
  } finally {
    tf.dispose([batch.xs, batch.ys]);
  }
}

interface Trainer {
  readonly run: Run;
  close(): void;
}

function denseTrainer(network: Network, {xs, ys}: Batch): Trainer {
  const model = network.build();
  compile(model);
  return {run: () => timed(() => model.trainOnBatch(xs, ys)), close: () => model.dispose()};
}

async function prunedTrainer(network: Network, {xs, ys}: Batch): Promise<Trainer> {
  const pruningSchedule = sparsity.constantSparsity({targetSparsity: 0.9, beginStep: 2, frequency: 1000});
  const dense = network.build();
  const model = sparsity.pruneLowMagnitude(dense, {pruningSchedule}) as tf.LayersModel;
  dense.dispose();
  compile(model);
  const callback = sparsity.updatePruningStep();
  callback.setModel(model);
  await callback.onTrainBegin();
  const run = (): Promise<number> =>
    timed(async () => {
      await callback.onBatchBegin();
      await model.trainOnBatch(xs, ys);
    });
  return {run, close: () => model.dispose()};
}

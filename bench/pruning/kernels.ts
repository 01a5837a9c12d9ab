import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import type {Run} from '../lib/measure.ts';
import {type Amount, type Comparison, compareInTurns} from './comparison.ts';

/** What a training process runs. */
export interface TrainerOptions {
  readonly network: 'cnn' | 'mlp';
  readonly backend: 'cpu' | 'wasm';
  readonly batch: number;
  /** Whether it calls `registerTrainingKernels`. */
  readonly registers: boolean;
}

/**
 * Times a training step with the training kernels against the same step on a stock backend: two processes that take
 * turns, one idle while the other works.
 */
export async function againstStock(
  what: string,
  {network, batch}: Pick<TrainerOptions, 'network' | 'batch'>,
  stockBackend: TrainerOptions['backend'],
  amount: Amount,
): Promise<Comparison> {
  return compareInTurns(
    what,
    async () => {
      const ours = start({network, batch, backend: 'wasm', registers: true});
      const stock = start({network, batch, backend: stockBackend, registers: false});
      return {
        first: step(ours),
        second: step(stock),
        close: () => {
          ours.kill();
          stock.kill();
        },
      };
    },
    amount,
  );
}

function start(options: TrainerOptions): ChildProcess {
  return fork(fileURLToPath(new URL('./trainer.ts', import.meta.url)), [JSON.stringify(options)], {silent: true});
}

function step(trainer: ChildProcess): Run {
  return async () => {
    const failed = new AbortController();
    const ended = once(trainer, 'exit', {signal: failed.signal}).then(
      ([code]) => Promise.reject(new Error(`A training process of the bench ended with ${code}.`)),
      () => new Promise<never>(() => {}),
    );
    trainer.send('step');
    try {
      const [ms] = await Promise.race([once(trainer, 'message'), ended]);
      return ms as number;
    } finally {
      failed.abort();
    }
  };
}

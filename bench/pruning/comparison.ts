import {quantile} from '../measure.ts';

/** Two ways to do the same, timed in turns; a ratio is that of two neighbours. Times are processor time. */
export interface Comparison {
  readonly what: string;
  readonly medianMs: readonly [number, number];
  /** Median of `second / first` over all rounds, and its quartiles. */
  readonly ratio: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly rounds: number;
}

/** One timed run, in milliseconds. */
export type Run = () => Promise<number>;

/** Two runs that are ready to be timed, and how to let go of what they hold. */
export interface Pair {
  readonly first: Run;
  readonly second: Run;
  close(): void;
}

/** How much to measure. */
export interface Amount {
  /** How often both are set up anew: where memory happens to lie changes a step by some percent. */
  readonly pairs: number;
  /** Timed rounds of each pair. */
  readonly rounds: number;
  /** Untimed rounds of each pair before. */
  readonly warmUp: number;
}

/**
 * Runs both of a pair in turns, the one that begins changing from round to round.
 *
 * @param prepare Sets up the pair of an index; every second time it may build the second first.
 */
export async function compareInTurns(
  what: string,
  prepare: (index: number) => Promise<Pair>,
  {pairs, rounds, warmUp}: Amount,
): Promise<Comparison> {
  const samples: [number, number][] = [];
  for (let index = 0; index < pairs; index++) {
    const {first, second, close} = await prepare(index);
    try {
      for (let round = -warmUp; round < rounds; round++) {
        const sample = await inTurn(first, second, (round + index) % 2 !== 0);
        if (round >= 0) samples.push(sample);
      }
    } finally {
      close();
    }
  }
  const ratios = sorted(samples.map(([a, b]) => b / a));
  return {
    what,
    medianMs: [quantile(sorted(samples.map(([a]) => a)), 0.5), quantile(sorted(samples.map(([, b]) => b)), 0.5)],
    ratio: quantile(ratios, 0.5),
    lowerQuartile: quantile(ratios, 0.25),
    upperQuartile: quantile(ratios, 0.75),
    rounds: samples.length,
  };
}

async function inTurn(first: Run, second: Run, secondBegins: boolean): Promise<[number, number]> {
  if (!secondBegins) return [await first(), await second()];
  const after = await second();
  return [await first(), after];
}

/**
 * The processor time of one call in milliseconds. TensorFlow.js computes on one thread in Node, so on an idle machine
 * this is the time on the clock; on a busy one, work of others does not count.
 */
export async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await call();
  const {user, system} = process.cpuUsage(start);
  return (user + system) / 1000;
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

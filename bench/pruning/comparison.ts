import {quantile} from '../measure.ts';

/** Two ways to do the same, timed in turns; a ratio is that of two neighbours in time. */
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

/** Runs both in turns, the first of a round changing, after `warmUp` untimed rounds. */
export async function compareInTurns(
  what: string,
  [first, second]: readonly [Run, Run],
  {rounds, warmUp}: {rounds: number; warmUp: number},
): Promise<Comparison> {
  const samples: [number, number][] = [];
  for (let round = -warmUp; round < rounds; round++) {
    let a: number;
    let b: number;
    if (round % 2 === 0) {
      a = await first();
      b = await second();
    } else {
      b = await second();
      a = await first();
    }
    if (round >= 0) samples.push([a, b]);
  }
  const ratios = sorted(samples.map(([a, b]) => b / a));
  return {
    what,
    medianMs: [quantile(sorted(samples.map(([a]) => a)), 0.5), quantile(sorted(samples.map(([, b]) => b)), 0.5)],
    ratio: quantile(ratios, 0.5),
    lowerQuartile: quantile(ratios, 0.25),
    upperQuartile: quantile(ratios, 0.75),
    rounds,
  };
}

/** Times one call. */
export async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

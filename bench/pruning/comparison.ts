import {type Run, takeTurns} from '../lib/measure.ts';
import {quartilesOf} from '../lib/quantiles.ts';

/** Two ways to do the same, timed in turns; a ratio is that of one round. */
export interface Comparison {
  readonly what: string;
  readonly medianMs: readonly [number, number];
  /** Median of `second / first` over all rounds, and its quartiles. */
  readonly ratio: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly rounds: number;
}

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
  const first: number[] = [];
  const second: number[] = [];
  for (let index = 0; index < pairs; index++) {
    const pair = await prepare(index);
    try {
      const samples = await takeTurns([pair.first, pair.second], {rounds, warmUp, begins: index});
      first.push(...samples[0]!);
      second.push(...samples[1]!);
    } finally {
      pair.close();
    }
  }
  const ratios = quartilesOf(second.map((ms, index) => ms / first[index]!));
  return {
    what,
    medianMs: [quartilesOf(first).median, quartilesOf(second).median],
    ratio: ratios.median,
    lowerQuartile: ratios.lower,
    upperQuartile: ratios.upper,
    rounds: first.length,
  };
}

import {timed} from './clock.ts';
import {quartilesOf} from './quantiles.ts';

/** One run, which says how many milliseconds it took. */
export type Run = () => Promise<number>;

/** How many rounds of some runs there are. */
export interface Rounds {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before that do not count; by default none. */
  readonly warmUp?: number;
  /** Which run begins the first round; by default the first. */
  readonly begins?: number;
}

/**
 * Runs in turns: every round takes one sample of every run, so that whatever slows the machine for a while slows all of
 * them. Each round begins with another run.
 *
 * @returns The samples of each run in milliseconds, in the order of the rounds.
 */
export async function takeTurns(
  runs: readonly Run[],
  {rounds, warmUp = 0, begins = 0}: Rounds,
): Promise<Float64Array[]> {
  const samples = runs.map(() => new Float64Array(rounds));
  for (let round = -warmUp; round < rounds; ++round) {
    for (let turn = 0; turn < runs.length; ++turn) {
      const index = (warmUp + round + begins + turn) % runs.length;
      const ms = await runs[index]!();
      if (round >= 0) samples[index]![round] = ms;
    }
  }
  return samples;
}

/** One thing to time. */
export interface Task {
  readonly name: string;
  run(): unknown;
}

/** How long one run of a task took, over all rounds, in milliseconds. */
export interface Timing {
  readonly name: string;
  readonly fastestMs: number;
  readonly medianMs: number;
  readonly lowerQuartileMs: number;
  readonly upperQuartileMs: number;
  readonly rounds: number;
  /** Runs in one sample; a sample is timed as a whole. */
  readonly runsPerSample: number;
}

/** How long to measure. */
export interface MeasureOptions {
  /** Samples of each task. */
  readonly rounds?: number;
  /** Slow tasks get fewer rounds than that, so that all of them last about this long; never fewer than 9. */
  readonly budgetMs?: number;
  /** A sample repeats the task until it lasts about this long, so that the clock and a cold cache weigh little. */
  readonly sampleMs?: number;
  /** Every task is run at least this long before anything is timed: engines compile hot code late. */
  readonly warmUpMs?: number;
}

/**
 * Times tasks in turns, each warmed up before.
 *
 * @example
 * const [ours, theirs] = await measure([{name: 'ours', run: a}, {name: 'theirs', run: b}], {rounds: 31});
 */
export async function measure(tasks: readonly Task[], options: MeasureOptions = {}): Promise<Timing[]> {
  const {sampleMs = 10, warmUpMs = 200, budgetMs = 6000} = options;
  const runs: number[] = [];
  let roundMs = 0;
  for (const task of tasks) {
    const runMs = await warmUp(task, warmUpMs);
    runs.push(Math.max(1, Math.round(sampleMs / runMs)));
    roundMs += runs.at(-1)! * runMs;
  }
  const rounds = Math.min(options.rounds ?? 21, Math.max(9, Math.floor(budgetMs / roundMs)));
  const samples = await takeTurns(
    tasks.map((task, index) => () => timed(() => task.run(), runs[index]!)),
    {rounds},
  );
  return tasks.map(({name}, index) => {
    const {least, lower, median, upper} = quartilesOf(samples[index]!);
    return {
      name,
      fastestMs: least,
      medianMs: median,
      lowerQuartileMs: lower,
      upperQuartileMs: upper,
      rounds,
      runsPerSample: runs[index]!,
    };
  });
}

/** Runs a task for a while and says how long the second half of its runs took, each. */
async function warmUp(task: Task, leastMs: number): Promise<number> {
  let elapsedMs = 0;
  let lastMs = 0;
  for (let count = 1; elapsedMs < leastMs || count <= 2; count *= 2) {
    lastMs = await timed(() => task.run(), count);
    elapsedMs += lastMs * count;
  }
  return Math.max(lastMs, 1e-4);
}

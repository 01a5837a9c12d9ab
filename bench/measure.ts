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
 * Times tasks in interleaved rounds: every round takes one sample of every task, so that whatever slows the machine for
 * a while slows all of them. A round starts with another task each time.
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
  const samples = tasks.map(() => new Float64Array(rounds));
  for (let round = 0; round < rounds; ++round) {
    for (let turn = 0; turn < tasks.length; ++turn) {
      const index = (round + turn) % tasks.length;
      samples[index]![round] = await sample(tasks[index]!, runs[index]!);
    }
  }
  return tasks.map((task, index) => {
    const sorted = samples[index]!.sort();
    return {
      name: task.name,
      fastestMs: sorted[0]!,
      medianMs: quantile(sorted, 0.5),
      lowerQuartileMs: quantile(sorted, 0.25),
      upperQuartileMs: quantile(sorted, 0.75),
      rounds,
      runsPerSample: runs[index]!,
    };
  });
}

/** A quantile of ascending values, linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (sorted[Math.min(below + 1, sorted.length - 1)]! - low) * (position - below);
}

/** Runs a task for a while and says how long the second half of its runs took, each. */
async function warmUp(task: Task, leastMs: number): Promise<number> {
  let elapsedMs = 0;
  let lastMs = 0;
  for (let count = 1; elapsedMs < leastMs || count <= 2; count *= 2) {
    lastMs = await sample(task, count);
    elapsedMs += lastMs * count;
  }
  return Math.max(lastMs, 1e-4);
}

/**
 * Milliseconds of one run. Of the clock and the processor time of this process the smaller counts: on a machine that
 * others use, waiting for a turn is no part of the work, and work on other threads, such as collecting garbage, is none
 * of the task's.
 */
async function sample(task: Task, runs: number): Promise<number> {
  const processor = process.cpuUsage();
  const start = performance.now();
  for (let run = 0; run < runs; ++run) {
    const result = task.run();
    if (result instanceof Promise) await result;
  }
  const elapsedMs = performance.now() - start;
  const {user, system} = process.cpuUsage(processor);
  return Math.min(elapsedMs, (user + system) / 1000) / runs;
}

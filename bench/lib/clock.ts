/**
 * Starts to measure.
 *
 * @returns At every call the milliseconds since the one before. Of the clock and the processor time of this process the
 * smaller counts: on a machine that others use, waiting for a turn is no part of the work, and work on other threads,
 * such as collecting garbage, is none of what is measured.
 */
export function stopwatch(): () => number {
  let start = performance.now();
  let processor = process.cpuUsage();
  return () => {
    const {user, system} = process.cpuUsage(processor);
    const elapsedMs = performance.now() - start;
    start = performance.now();
    processor = process.cpuUsage();
    return Math.min(elapsedMs, (user + system) / 1000);
  };
}

/** Milliseconds that one of `runs` calls in a row takes, awaited where it is asynchronous. */
export async function timed(call: () => unknown, runs = 1): Promise<number> {
  const lap = stopwatch();
  for (let run = 0; run < runs; ++run) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  return lap() / runs;
}

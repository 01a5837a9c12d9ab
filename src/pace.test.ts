import {afterEach, expect, test, vi} from 'vitest';
import {paced, type Steps} from './pace.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Steps that take so many milliseconds each by a clock of their own, and what was told of them. */
function clocked(durations: readonly number[]): {readonly run: () => Promise<string>; readonly told: number[]} {
  let now = 100;
  let done = 0;
  const told: number[] = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  function* steps(): Steps<string> {
    for (const duration of durations) {
      now += duration;
      done++;
      yield;
    }
    return 'all';
  }
  const run = (): Promise<string> =>
    paced(steps(), () => ({done, total: durations.length}), {onProgress: progress => told.push(progress.done)});
  return {run, told};
}

test.each<[durations: readonly number[], told: readonly number[]]>([
  [[], [0]],
  [[1, 1, 1], [3]],
  [
    [7.9, 0.1, 7.9, 0.1],
    [2, 4, 4],
  ],
  [
    [8, 8],
    [1, 2, 2],
  ],
  [
    [3, 3, 3, 3, 3, 3, 3],
    [3, 6, 7],
  ],
  [
    [100, 1, 1, 1],
    [1, 4],
  ],
])('steps of %j ms pause every 8 ms, after which progress is told: %j', async (durations, expected) => {
  const {run, told} = clocked(durations);
  expect(await run()).toBe('all');
  expect(told).toEqual(expected);
});

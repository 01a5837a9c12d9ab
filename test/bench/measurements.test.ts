import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {breakEven} from '../../bench/inference/break-even.ts';
import {targetResults} from '../../bench/inference/targets.ts';
import {stopwatch, timed} from '../../bench/lib/clock.ts';
import {measure, takeTurns} from '../../bench/lib/measure.ts';
import {quantile, quartilesOf} from '../../bench/lib/quantiles.ts';
import {type Result, resultFile, resultText} from '../../bench/lib/result.ts';
import {compareInTurns} from '../../bench/pruning/comparison.ts';

test('quantiles lie between their neighbours', () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([7], 0.25)).toBe(7);
  expect(quartilesOf([9, 1, 10, 5, 3])).toEqual({least: 1, lower: 3, median: 5, upper: 9});
});

test.for([
  {name: 'always faster', ratios: [1.5, 2, 3], expected: 0},
  {name: 'never faster', ratios: [0.5, 0.6, 0.9], expected: undefined},
  {name: 'between two fractions', ratios: [0.5, 0.8, 1.2], expected: 0.65},
  {name: 'faster, then slower, then faster', ratios: [1.1, 0.9, 1.1], expected: 0.65},
])('break-even: $name', ({ratios, expected}) => {
  const zeros = [0, 0.5, 0.8];
  const level = breakEven(ratios.map((ratio, index) => ({ratio, zeros: zeros[index]!})));
  if (expected === undefined) expect(level).toBeUndefined();
  else expect(level).toBeCloseTo(expected, 10);
});

/** Keeps this thread busy. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('waiting is not timed, work is, for each run alike', async () => {
  const lap = stopwatch();
  const start = performance.now();
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(lap()).toBeLessThan((performance.now() - start) / 2);
  const calls: number[] = [];
  const ms = await timed(() => calls.push(calls.length), 5);
  expect(calls).toEqual([0, 1, 2, 3, 4]);
  expect(ms).toBeGreaterThan(0);
  const order: string[] = [];
  await timed(async () => {
    await new Promise(resolve => setTimeout(resolve, 1));
    order.push('run');
  }, 2);
  order.push('timed');
  expect(order).toEqual(['run', 'run', 'timed']);
});

test('runs take turns, each begins a round, and rounds of warming up do not count', async () => {
  const calls: string[] = [];
  const runOf = (name: string) => async () => calls.push(name);
  const samples = await takeTurns(['a', 'b', 'c'].map(runOf), {rounds: 3, warmUp: 1, begins: 1});
  expect(calls.join('')).toBe('bcacababcbca');
  expect(samples.map(each => [...each])).toEqual([
    [5, 7, 12],
    [6, 8, 10],
    [4, 9, 11],
  ]);
});

test('a comparison is the ratio of neighbours, over pairs that begin in turns and are closed', async () => {
  const seen: string[] = [];
  const pairOf = async (index: number) => ({
    first: async () => {
      seen.push(`first ${index}`);
      return 2;
    },
    second: async () => {
      seen.push(`second ${index}`);
      return index === 0 ? 3 : 5;
    },
    close: () => seen.push(`close ${index}`),
  });
  const comparison = await compareInTurns('what', pairOf, {pairs: 2, rounds: 1, warmUp: 0});
  expect(comparison).toEqual({
    what: 'what',
    medianMs: [2, 4],
    ratio: 2,
    lowerQuartile: 1.75,
    upperQuartile: 2.25,
    rounds: 2,
  });
  expect(seen).toEqual(['first 0', 'second 0', 'close 0', 'second 1', 'first 1', 'close 1']);
});

test('rounds take turns and every task has as many samples', async () => {
  const calls: string[] = [];
  const busy = (name: string, ms: number) => () => {
    calls.push(name);
    work(ms);
  };
  const tasks = [
    {name: 'short', run: busy('short', 0.2)},
    {name: 'long', run: busy('long', 1)},
  ];
  const [short, long] = await measure(tasks, {rounds: 4, sampleMs: 1, warmUpMs: 2});
  for (const timing of [short!, long!]) {
    expect(timing.fastestMs).toBeLessThanOrEqual(timing.lowerQuartileMs);
    expect(timing.lowerQuartileMs).toBeLessThanOrEqual(timing.medianMs);
    expect(timing.medianMs).toBeLessThanOrEqual(timing.upperQuartileMs);
  }
  expect(short!.fastestMs).toBeGreaterThan(0);
  const timed = calls.slice(-4 * (short!.runsPerSample + long!.runsPerSample));
  const turns = timed.filter((name, index) => name !== timed[index - 1]);
  expect(turns).toEqual(['short', 'long', 'short', 'long', 'short'].slice(0, turns.length));
});

test('targets are judged by the fastest of their peers', () => {
  const timing = (name: string, medianMs: number) => ({
    name,
    medianMs,
    rounds: 9,
    fastestMs: medianMs,
    lowerQuartileMs: medianMs,
    upperQuartileMs: medianMs,
    runsPerSample: 1,
    maxDifference: 0,
  });
  const runners = [timing('tfjs-wasm', 9), timing('ort-web', 5), timing('tfmot', 2)];
  const comparison = {
    work: 'MNIST CNN 12 MB, batch 1',
    pattern: 'unstructured' as const,
    zeros: 0.9,
    zerosOfModel: 0.9,
    runners,
  };
  expect(targetResults([comparison], 'tfmot')).toMatchObject([{measured: 2.5, reached: false}]);
  expect(targetResults([{...comparison, zeros: 0.8}], 'tfmot')).toEqual([]);
});

// What a benchmark writes is what was committed: the same parts in the same order, numbers and all.
test.each([
  ['codec', ['machine', 'speed', 'ratios'], undefined],
  ['inference', ['machine', 'runners', 'comparisons'], 4],
  ['pruning', ['machine', 'versions', 'steps', 'updates', 'kernels'], undefined],
  ['size', ['machine', 'rows'], undefined],
])('committed results are as they are written: %s', (benchmark, parts, digits) => {
  const text = readFileSync(resultFile(benchmark), 'utf8');
  const result = JSON.parse(text) as Result;
  expect(Object.keys(result)).toEqual(parts);
  expect(resultText(result, digits)).toBe(text);
});

import {expect, test} from 'vitest';
import {breakEven} from '../../bench/inference/break-even.ts';
import {targetResults} from '../../bench/inference/targets.ts';
import {measure, quantile} from '../../bench/measure.ts';

test('quantiles lie between their neighbours', () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([7], 0.25)).toBe(7);
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

test('rounds take turns and every task has as many samples', async () => {
  const calls: string[] = [];
  const busy = (name: string, ms: number) => () => {
    calls.push(name);
    const end = performance.now() + ms;
    while (performance.now() < end);
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

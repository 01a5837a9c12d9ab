import {expect, test} from 'vitest';
import {normalValues, uniformValues} from '../../testing/seeded.ts';
import {EMPTY, leastDivergence, withNumbers, withoutTails} from './histogram.ts';

test('a histogram counts every number but zero once, however its range grows', () => {
  const parts = [Float32Array.of(0.5, 0.25), Float32Array.of(-700, 3), Float32Array.of(1e6), new Float32Array(9)];
  const histogram = parts.reduce(withNumbers, EMPTY);
  expect(histogram.seen).toEqual({min: -700, max: 1e6});
  expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(5);
  expect(EMPTY.counts.every(count => count === 0)).toBe(true);
});

test('numbers that are none stay seen', () => {
  const seen = [Float32Array.of(1), Float32Array.of(Number.NaN, 2), Float32Array.of(3)].reduce(withNumbers, EMPTY).seen;
  expect(seen.min).toBeNaN();
  expect(withNumbers(EMPTY, Float32Array.of(-1, Number.POSITIVE_INFINITY)).seen.max).toBe(Number.POSITIVE_INFINITY);
});

test('tails are left out by their share', () => {
  const values = uniformValues(100_000, 1).map(value => value * 2 - 1);
  const {min, max} = withoutTails(withNumbers(EMPTY, values), 0.1);
  expect(min).toBeCloseTo(-0.9, 2);
  expect(max).toBeCloseTo(0.9, 2);
  const outlier = [values, Float32Array.of(50)].reduce(withNumbers, EMPTY);
  expect(withoutTails(outlier, 1e-4).max).toBeLessThan(1.1);
});

test('the divergence keeps all of an even spread, cuts long tails off, and says nothing of few numbers', () => {
  const even = uniformValues(200_000, 2).map(value => value * 2 - 1);
  expect(leastDivergence(withNumbers(EMPTY, even)).max).toBeGreaterThan(0.95);
  const tailed = normalValues(200_000, 3).map(value => value ** 3);
  const whole = withNumbers(EMPTY, tailed);
  expect(leastDivergence(whole).max).toBeLessThan(0.8 * whole.seen.max);
  const above = even.map(value => value + 2);
  expect(leastDivergence(withNumbers(EMPTY, above)).max).toBeGreaterThan(2.8);
  const few = withNumbers(EMPTY, tailed.slice(0, 500));
  expect(leastDivergence(few)).toEqual(few.seen);
});

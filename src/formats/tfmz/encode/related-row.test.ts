import fc from 'fast-check';
import {expect, test} from 'vitest';
import {seeded} from '../../../../testing/seeded.ts';
import {relatedRow} from './related-row.ts';

/** Counts of rows that are alike every `lag` rows. */
function periodic(lag: number, rows: number, seed = lag): number[] {
  const random = seeded(seed);
  const pattern = Array.from({length: lag}, () => Math.floor(random() * 50));
  return Array.from({length: rows}, (_, r) => pattern[r % lag]!);
}

/** The correlation of counts with those `lag` rows before, over their variance. */
function correlation(counts: readonly number[], lag: number): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const offsets = counts.map(count => count - mean);
  const products = offsets.slice(lag).map((offset, r) => offset * offsets[r]!);
  const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
  return sum(products) / sum(offsets.map(offset => offset * offset));
}

test.each([3, 4, 7, 28, 100, 255, 256])('finds a distance of %i rows, in four times as many rows or more', lag => {
  for (const rows of [4 * lag, 4 * lag + 1, 6 * lag]) expect(relatedRow(periodic(lag, rows))).toBe(lag);
  expect(relatedRow(periodic(lag, 4 * lag - 1))).not.toBe(lag);
});

test('looks at most 256 rows back', () => {
  expect(relatedRow(periodic(257, 2000))).not.toBe(257);
});

test('looks at the first 8192 rows alone', () => {
  const counts = [...periodic(5, 8192), 1e6, 1e6, -1e6, ...periodic(7, 20_000)];
  expect(relatedRow(counts)).toBe(5);
  // One that is last does count.
  const weighty = [...periodic(5, 8191), 1e9];
  expect(relatedRow(weighty)).toBe(1);
});

test('rows that all keep as many are related to the one before', () => {
  expect(relatedRow(new Uint32Array(64).fill(9))).toBe(1);
  expect(relatedRow([])).toBe(1);
});

test('the distance is the one of the highest correlation of 0.2 or more that stands out from its neighbours', () => {
  const rows = fc.array(fc.integer({min: 0, max: 12}), {minLength: 8, maxLength: 90});
  fc.assert(
    fc.property(rows, counts => {
      const lags = counts.length >> 2;
      const peaks = Array.from({length: Math.max(0, lags - 1)}, (_, i) => i + 2).filter(lag => {
        const here = correlation(counts, lag);
        return here >= 0.2 && here > correlation(counts, lag - 1) && here > correlation(counts, lag + 1);
      });
      peaks.sort((a, b) => correlation(counts, b) - correlation(counts, a));
      expect(relatedRow(counts)).toBe(peaks[0] ?? 1);
    }),
    {seed: 5, numRuns: 400},
  );
});

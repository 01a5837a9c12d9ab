import {expect, test} from 'vitest';
import {countNonZeros, firstNonFinite} from './statistics.ts';

test('negative zero counts as zero', () => {
  expect(countNonZeros(Float32Array.of(0, -0, 1e-45, -2))).toBe(2);
});

test('the first NaN or infinity is found, extremes are finite', () => {
  expect(firstNonFinite(Float32Array.of(0, 3.4028235e38, Number.NEGATIVE_INFINITY, Number.NaN))).toBe(2);
  expect(firstNonFinite(Float32Array.of(-3.4028235e38, 1e-45))).toBe(-1);
});

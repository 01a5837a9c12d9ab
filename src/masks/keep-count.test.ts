import {expect, test} from 'vitest';
import {keepCount} from './keep-count.ts';

test.each([
  [5, 0.5, 2],
  [7, 0.5, 4],
  [3, 0.5, 2],
  [2, 0.75, 1],
  [10, 0.25, 8],
  [10, 0.85, 1],
  [20, 0.975, 1],
  [1, 0, 1],
])('%d weights at sparsity %d keep %d', (size, sparsity, kept) => {
  expect(keepCount(size, sparsity)).toBe(kept);
});

test.each([
  [2 ** 24, 0, 2 ** 24],
  [2 ** 24 + 1, 0, 2 ** 24 + 1],
  [25_000_001, 0, 25_000_001],
  [25_000_001, 0.5, 12_500_000],
  [25_000_003, 0.5, 12_500_002],
  [33_554_433, 0.75, 8_388_608],
  [100_000_000, 0.9, 10_000_000],
])('beyond float32: %d weights at sparsity %d keep exactly %d', (size, sparsity, kept) => {
  expect(keepCount(size, sparsity)).toBe(kept);
});

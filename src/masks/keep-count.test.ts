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

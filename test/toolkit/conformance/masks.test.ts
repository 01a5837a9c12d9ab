import {describe, expect, test} from 'vitest';
import {keepCount} from '../../../src/masks/keep-count.ts';
import {computeMask} from '../../../src/masks/mask.ts';
import type {Pattern} from '../../../src/masks/pattern.ts';
import {flat, type Nested, shapeOf, vectors} from './_vectors.ts';

const ELEMENT: Pattern = {type: 'element'};

function maskOf(weights: Nested, pattern: Pattern, sparsity: number) {
  return computeMask(Float32Array.from(flat(weights)), shapeOf(weights), pattern, sparsity);
}

/** A weight whose groups along the input channels are the rows of a text: `1 2 3 / 4 5 6`. */
function fromRows(text: string): number[][] {
  const rows = text.split(' / ').map(row => row.split(' ').map(Number));
  return rows[0]!.map((_, column) => rows.map(row => row[column]!));
}

/** A matrix with the mask of a pattern applied. */
function masked(weights: readonly number[][], pattern: Pattern): number[][] {
  const {mask} = maskOf(weights, pattern, 0);
  return weights.map((row, r) => row.map((value, c) => value * mask[r * row.length + c]!));
}

describe('vectors', () => {
  test.each(vectors.keepCount)('$size weights at sparsity $sparsity keep $keep', ({size, sparsity, keep}) => {
    expect(keepCount(size, sparsity)).toBe(keep);
  });

  test.each(vectors.unstructuredMask)('elements: $name', ({weights, sparsity, mask, threshold, keep}) => {
    const found = maskOf(weights, ELEMENT, sparsity);
    expect([...found.mask]).toEqual(flat(mask));
    expect(found.threshold).toBe(Math.fround(threshold));
    expect(found.kept).toBe(keep);
  });

  test.each(vectors.blockMask)('blocks: $name', ({weights, block, pool, sparsity, mask, threshold}) => {
    const found = maskOf(weights, {type: 'block', size: block, pooling: pool}, sparsity);
    expect([...found.mask]).toEqual(flat(mask));
    expect(found.threshold).toBeCloseTo(threshold, 6);
    expect(found.kept).toBe(flat(mask).reduce((sum, bit) => sum + bit));
  });

  test.each(vectors.mByNMask)('m:n: $name', ({weights, m_by_n: [m, n], mask}) => {
    expect([...maskOf(weights, {type: 'm-by-n', m, n}, 0).mask]).toEqual(flat(mask));
  });
});

describe('cases of the Python toolkit', () => {
  const hundred = Array.from({length: 100}, (_, i) => i + 1);

  test.each([
    [0.9999, 1],
    [0.5, 50],
  ])('1 to 100 at sparsity %d keeps %d', (sparsity, kept) => {
    const {mask} = maskOf(hundred, ELEMENT, sparsity);
    expect([...mask]).toEqual(hundred.map(value => (value > 100 - kept ? 1 : 0)));
  });

  test('masks applied along a schedule leave 100, 90, 90, 70, 70, 50, 50, 50, 50, 50 non-zeros', () => {
    const weights = Float32Array.from(hundred);
    const nonZeros = [0, 0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5].map(sparsity => {
      const {mask} = computeMask(weights, [100], ELEMENT, sparsity);
      mask.forEach((bit, i) => {
        weights[i]! *= bit;
      });
      return weights.filter(value => value !== 0).length;
    });
    expect(nonZeros).toEqual([100, 90, 90, 70, 70, 50, 50, 50, 50, 50]);
  });

  test('MAX pooling looks at magnitudes', () => {
    const weights = [
      [0.1, 0, 0.2, 0],
      [0, -0.1, 0, -0.2],
      [0.3, 0, 0.4, 0],
      [0, -0.3, 0, -0.4],
    ];
    const {mask} = maskOf(weights, {type: 'block', size: [2, 2], pooling: 'MAX'}, 0.5);
    expect([...mask]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test.each([
    ['1.24 / 1.11', 2, 4, '1 / 1'],
    ['-0.49 -0.66 0.42 / 0.31 0.63 -1.63', 2, 4, '1 1 0 / 0 1 1'],
    ['-0.49 -0.66 0.42 / 0.31 0.63 -1.63', 1, 2, '0 1 1 / 0 1 1'],
    ['0.25 -1.33 0.43 -0.11 / 0.47 0.92 -0.13 -2.23', 2, 4, '0 1 1 0 / 0 1 0 1'],
    ['1.71 -0.27 -0.3 -0.61 -0.19 / -0.4 1.12 0.46 -1.12 0.17', 3, 5, '1 0 0 1 0 / 0 1 0 1 0'],
    ['5 1 2 4 0.01', 2, 4, '1 0 0 1 1'],
    ['5 1 2 4 0.01 0.02', 2, 4, '1 0 0 1 1 1'],
    ['5 1 2 4 0.01 0.02 0.03', 2, 4, '1 0 0 1 0 1 1'],
    ['1 1 1 1', 2, 4, '1 1 0 0'],
  ])('%s by %d:%d keeps %s', (rows, m, n, mask) => {
    expect([...maskOf(fromRows(rows), {type: 'm-by-n', m, n}, 0).mask]).toEqual(fromRows(mask).flat());
  });

  // The toolkit's cases of what is m:n sparse. Weights are so if and only if their mask takes none of them away.
  test.each([
    ['1 2 0 0', 2, 4, true],
    ['1 2 0 0', 1, 2, false],
    ['1 0 2 0', 1, 2, true],
    ['1 2 3 4', 2, 4, false],
    ['0 0 0 0', 2, 4, true],
    ['1 2 0 4 / 0 0 1 2', 2, 4, false],
    ['1 2 0 0 / 0 0 0 1 / 0 2 1 0', 2, 4, true],
    ['1 2 0 0 / 1 0 0 1 / 0 2 1 0', 2, 4, true],
    ['1 2 3 4 5 6', 2, 4, false],
    ['1 2 0 0 5 6', 2, 4, true],
    ['1 2 0 0 5 6 7', 2, 4, false],
    ['1 2 0 0 5 6 0', 2, 4, true],
  ])('%s is %d:%d sparse: %s', (rows, m, n, sparse) => {
    const weights = fromRows(rows);
    const once = masked(weights, {type: 'm-by-n', m, n});
    expect(String(once) === String(weights)).toBe(sparse);
    expect(masked(once, {type: 'm-by-n', m, n})).toEqual(once);
  });

  // The toolkit's own seven-channel case: three of seven input channels go, 0.428571.
  test.each([
    [8, 0.5],
    [7, 3 / 7],
  ])('2:4 of %d input channels is %d sparse', (channels, sparsity) => {
    const size = 5 * 7 * channels * 16;
    const weights = Float32Array.from({length: size}, (_, i) => Math.sin(i));
    const {kept} = computeMask(weights, [5, 7, channels, 16], {type: 'm-by-n', m: 2, n: 4}, 0);
    expect(1 - kept / size).toBeCloseTo(sparsity, 6);
  });
});

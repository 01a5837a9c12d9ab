import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {keepCount} from '../../src/masks/keep-count.ts';
import {computeMask} from '../../src/masks/mask.ts';
import type {Pattern} from '../../src/masks/pattern.ts';
import {flat, type Nested, shapeOf, vectors} from './_vectors.ts';

const ELEMENT: Pattern = {type: 'element'};

function maskOf(weights: Nested, pattern: Pattern, sparsity: number) {
  return computeMask(Float32Array.from(flat(weights)), shapeOf(weights), pattern, sparsity);
}

/** A weight whose groups along the input channels are the given rows. */
function fromRows(rows: readonly number[][]): number[][] {
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
    {rows: [[1.24], [1.11]], m: 2, n: 4, mask: [[1], [1]]},
    {
      rows: [
        [-0.49, -0.66, 0.42],
        [0.31, 0.63, -1.63],
      ],
      m: 2,
      n: 4,
      mask: [
        [1, 1, 0],
        [0, 1, 1],
      ],
    },
    {
      rows: [
        [-0.49, -0.66, 0.42],
        [0.31, 0.63, -1.63],
      ],
      m: 1,
      n: 2,
      mask: [
        [0, 1, 1],
        [0, 1, 1],
      ],
    },
    {
      rows: [
        [0.25, -1.33, 0.43, -0.11],
        [0.47, 0.92, -0.13, -2.23],
      ],
      m: 2,
      n: 4,
      mask: [
        [0, 1, 1, 0],
        [0, 1, 0, 1],
      ],
    },
    {
      rows: [
        [1.71, -0.27, -0.3, -0.61, -0.19],
        [-0.4, 1.12, 0.46, -1.12, 0.17],
      ],
      m: 3,
      n: 5,
      mask: [
        [1, 0, 0, 1, 0],
        [0, 1, 0, 1, 0],
      ],
    },
    {rows: [[5, 1, 2, 4, 0.01]], m: 2, n: 4, mask: [[1, 0, 0, 1, 1]]},
    {rows: [[5, 1, 2, 4, 0.01, 0.02]], m: 2, n: 4, mask: [[1, 0, 0, 1, 1, 1]]},
    {rows: [[5, 1, 2, 4, 0.01, 0.02, 0.03]], m: 2, n: 4, mask: [[1, 0, 0, 1, 0, 1, 1]]},
    {rows: [[1, 1, 1, 1]], m: 2, n: 4, mask: [[1, 1, 0, 0]]},
  ])('$m:$n of rows $rows', ({rows, m, n, mask}) => {
    expect([...maskOf(fromRows(rows), {type: 'm-by-n', m, n}, 0).mask]).toEqual(fromRows(mask).flat());
  });

  // The toolkit's cases of what is m:n sparse. Weights are so if and only if their mask takes none of them away.
  test.each([
    {rows: [[1, 2, 0, 0]], m: 2, n: 4, sparse: true},
    {rows: [[1, 2, 0, 0]], m: 1, n: 2, sparse: false},
    {rows: [[1, 0, 2, 0]], m: 1, n: 2, sparse: true},
    {rows: [[1, 2, 3, 4]], m: 2, n: 4, sparse: false},
    {rows: [[0, 0, 0, 0]], m: 2, n: 4, sparse: true},
    {
      rows: [
        [1, 2, 0, 4],
        [0, 0, 1, 2],
      ],
      m: 2,
      n: 4,
      sparse: false,
    },
    {
      rows: [
        [1, 2, 0, 0],
        [0, 0, 0, 1],
        [0, 2, 1, 0],
      ],
      m: 2,
      n: 4,
      sparse: true,
    },
    {
      rows: [
        [1, 2, 0, 0],
        [1, 0, 0, 1],
        [0, 2, 1, 0],
      ],
      m: 2,
      n: 4,
      sparse: true,
    },
    {rows: [[1, 2, 3, 4, 5, 6]], m: 2, n: 4, sparse: false},
    {rows: [[1, 2, 0, 0, 5, 6]], m: 2, n: 4, sparse: true},
    {rows: [[1, 2, 0, 0, 5, 6, 7]], m: 2, n: 4, sparse: false},
    {rows: [[1, 2, 0, 0, 5, 6, 0]], m: 2, n: 4, sparse: true},
  ])('$rows is $m:$n sparse: $sparse', ({rows, m, n, sparse}) => {
    const once = masked(fromRows(rows), {type: 'm-by-n', m, n});
    expect(String(once) === String(fromRows(rows))).toBe(sparse);
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

describe('properties', () => {
  const tiny = 2 ** -149;
  const huge = 3.4028234663852886e38;
  /** Ties, both zeros, the largest and the smallest normal and subnormal numbers, and anything between. */
  const awkward = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, tiny, -tiny, 2 * tiny, 2 ** -126, -(2 ** -126) + tiny, huge, -huge),
    fc.float({noNaN: true, noDefaultInfinity: true}),
  );
  const side = fc.integer({min: 1, max: 7});
  const sparsity = fc.float({min: 0, max: Math.fround(0.99), noNaN: true});
  const kernel = fc
    .tuple(side, side, side, side)
    .chain(([h, w, inputs, outputs]) =>
      fc
        .array(awkward, {minLength: h * w * inputs * outputs, maxLength: h * w * inputs * outputs})
        .map(values => ({values: Float32Array.from(values), shape: [h, w, inputs, outputs] as const})),
    );

  /** Asserts that nothing dropped is larger than anything kept, and no equal one comes earlier. */
  function expectLargestFirst(magnitudes: readonly number[], kept: readonly boolean[]): void {
    let lastKept = Number.POSITIVE_INFINITY;
    let lastIndex = -1;
    kept.forEach((keep, i) => {
      if (keep && magnitudes[i]! <= lastKept) [lastKept, lastIndex] = [magnitudes[i]!, i];
    });
    const wrong = magnitudes.filter(
      (magnitude, i) => !kept[i] && (magnitude > lastKept || (magnitude === lastKept && i < lastIndex)),
    );
    expect(wrong).toEqual([]);
  }

  test('elements: exactly k of the largest survive', () => {
    fc.assert(
      fc.property(kernel, sparsity, ({values, shape}, s) => {
        const {mask} = computeMask(values, shape, ELEMENT, s);
        expect(mask.filter(bit => bit === 1)).toHaveLength(keepCount(values.length, s));
        expectLargestFirst([...values].map(Math.abs), [...mask].map(Boolean));
      }),
      {seed: 11, numRuns: 60},
    );
  });

  test('blocks of conv kernels: exactly k whole blocks, the ones with the largest pool', () => {
    fc.assert(
      fc.property(kernel, sparsity, side, side, fc.constantFrom('AVG', 'MAX'), (weight, s, height, width, pooling) => {
        const [h, w, rows, columns] = weight.shape;
        const {mask} = computeMask(weight.values, weight.shape, {type: 'block', size: [height, width], pooling}, s);
        const pools: number[] = [];
        const kept: boolean[] = [];
        for (let matrix = 0; matrix < h * w; matrix++) {
          for (let row = 0; row < rows; row += height) {
            for (let column = 0; column < columns; column += width) {
              const cells: number[] = [];
              for (let r = row; r < Math.min(rows, row + height); r++) {
                for (let c = column; c < Math.min(columns, column + width); c++) {
                  cells.push((matrix * rows + r) * columns + c);
                }
              }
              const magnitudes = cells.map(cell => Math.abs(weight.values[cell]!));
              const pool =
                pooling === 'AVG' ? magnitudes.reduce((sum, x) => sum + x) / cells.length : Math.max(...magnitudes);
              pools.push(Math.fround(pool));
              kept.push(mask[cells[0]!] === 1);
              expect(new Set(cells.map(cell => mask[cell])).size).toBe(1);
            }
          }
        }
        expect(kept.filter(Boolean)).toHaveLength(keepCount(pools.length, s));
        expectLargestFirst(pools, kept);
      }),
      {seed: 12, numRuns: 60},
    );
  });

  test('m:n: every group keeps exactly min(size, n - m) of its largest', () => {
    const groupSize = fc
      .integer({min: 2, max: 6})
      .chain(n => fc.tuple(fc.integer({min: 1, max: n - 1}), fc.constant(n)));
    fc.assert(
      fc.property(kernel, groupSize, ({values, shape}, [m, n]) => {
        const [h, w, inputs, outputs] = shape;
        const {mask} = computeMask(values, shape, {type: 'm-by-n', m, n}, 0);
        for (let lane = 0; lane < h * w * outputs; lane++) {
          const start = Math.floor(lane / outputs) * inputs * outputs + (lane % outputs);
          for (let first = 0; first < inputs; first += n) {
            const size = Math.min(n, inputs - first);
            const cells = Array.from({length: size}, (_, i) => start + (first + i) * outputs);
            const kept = cells.map(cell => mask[cell] === 1);
            expect(kept.filter(Boolean)).toHaveLength(Math.min(size, n - m));
            expectLargestFirst(
              cells.map(cell => Math.abs(values[cell]!)),
              kept,
            );
          }
        }
      }),
      {seed: 13, numRuns: 60},
    );
  });
});

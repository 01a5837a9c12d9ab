import fc from 'fast-check';
import {expect, test} from 'vitest';
import {keepCount} from './keep-count.ts';
import {computeMask} from './mask.ts';

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
      const {mask} = computeMask(values, shape, {type: 'element'}, s);
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
  const groupSize = fc.integer({min: 2, max: 6}).chain(n => fc.tuple(fc.integer({min: 1, max: n - 1}), fc.constant(n)));
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

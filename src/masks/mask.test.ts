import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {keepCount} from './keep-count.ts';
import {computeMask} from './mask.ts';
import type {Pattern} from './pattern.ts';

const finite = fc.float({noNaN: true, noDefaultInfinity: true});
/** Few distinct values, so that ties are everywhere. */
const tied = fc.constantFrom(0, -0, 1, -1, 0.5, 1e-45, -1e-45, 3.4e38, -3.4e38);
const sparsity = fc.double({min: 0, max: 0.999, noNaN: true});

/** The mask by definition: sort by magnitude, then by index, keep the first k. */
function sortedMask(weights: Float32Array, keep: number): number[] {
  const order = [...weights.keys()].sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b);
  const mask = new Array<number>(weights.length).fill(0);
  for (const index of order.slice(0, keep)) mask[index] = 1;
  return mask;
}

describe('element masks', () => {
  for (const [name, value] of [
    ['any floats', finite],
    ['ties', tied],
  ] as const) {
    test(`keep exactly k, the largest, lower index first: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(value, {minLength: 1, maxLength: 200}), sparsity, (values, s) => {
          const weights = Float32Array.from(values);
          const {mask, threshold, kept} = computeMask(weights, [values.length], {type: 'element'}, s);
          expect(kept).toBe(keepCount(values.length, s));
          expect([...mask]).toEqual(sortedMask(weights, kept));
          const survivors = [...weights].filter((_, i) => mask[i] === 1).map(Math.abs);
          expect(threshold).toBe(Math.min(...survivors));
        }),
        {seed: 1},
      );
    });
  }

  test('work on a view into a larger buffer', () => {
    const weights = Float32Array.of(9, 9, 1, 4, 2, 3).subarray(2);
    expect([...computeMask(weights, [4], {type: 'element'}, 0.5).mask]).toEqual([0, 1, 0, 1]);
  });

  test('of nothing are empty', () => {
    expect(computeMask(new Float32Array(0), [0, 3], {type: 'element'}, 0.5).kept).toBe(0);
  });
});

describe('block masks', () => {
  test('align pooling windows with mask blocks where the block does not divide the shape', () => {
    const weights = Float32Array.of(1, 1, 1, 1, 1, 1, 9, 9, 2, 2);
    const pattern: Pattern = {type: 'block', size: [4, 1], pooling: 'AVG'};
    expect([...computeMask(weights, [5, 2], pattern, 0.5).mask]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  });

  test('rank the matrices of a conv kernel together', () => {
    const weights = Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4);
    const pattern: Pattern = {type: 'block', size: [1, 2], pooling: 'MAX'};
    const {mask, threshold, kept} = computeMask(weights, [1, 2, 2, 2], pattern, 0.5);
    expect([...mask]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(threshold).toBe(3);
    expect(kept).toBe(4);
  });

  test('a block larger than the matrix is the whole matrix', () => {
    const pattern: Pattern = {type: 'block', size: [8, 8], pooling: 'AVG'};
    expect([...computeMask(Float32Array.of(1, 2, 3, 4), [2, 2, 1], pattern, 0.5).mask]).toEqual([0, 0, 1, 1]);
  });

  test('hold whole blocks, exactly k of them', () => {
    const side = fc.integer({min: 1, max: 9});
    fc.assert(
      fc.property(side, side, side, side, sparsity, fc.infiniteStream(finite), (rows, columns, h, w, s, values) => {
        const weights = Float32Array.from({length: rows * columns}, () => values.next().value);
        const pattern: Pattern = {type: 'block', size: [h, w], pooling: 'MAX'};
        const {mask, kept} = computeMask(weights, [rows, columns], pattern, s);
        const blocks = new Map<string, Set<number>>();
        mask.forEach((bit, i) => {
          const key = `${Math.floor(i / columns / h)},${Math.floor((i % columns) / w)}`;
          blocks.set(key, (blocks.get(key) ?? new Set()).add(bit));
        });
        const bits = [...blocks.values()].map(set => [...set]);
        expect(bits.every(set => set.length === 1)).toBe(true);
        expect(bits.filter(([bit]) => bit === 1).length).toBe(keepCount(blocks.size, s));
        expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(kept);
      }),
      {seed: 2},
    );
  });
});

describe('m:n masks', () => {
  test('keep n - m of every group along the input channels, all of a short rest that fits', () => {
    const weights = Float32Array.of(5, 1, 2, 4, 0.01, 0.02, 0.03);
    const pattern: Pattern = {type: 'm-by-n', m: 2, n: 4};
    const {mask, threshold, kept} = computeMask(weights, [7, 1], pattern, 0);
    expect([...mask]).toEqual([1, 0, 0, 1, 0, 1, 1]);
    expect(threshold).toBe(999);
    expect(kept).toBe(4);
  });

  test('take another axis when told', () => {
    const weights = Float32Array.of(1, 2, 4, 3);
    const pattern: Pattern = {type: 'm-by-n', m: 1, n: 2, axis: 1};
    expect([...computeMask(weights, [2, 2], pattern, 0).mask]).toEqual([0, 1, 1, 0]);
  });
});

test.each<Pattern>([
  {type: 'element'},
  {type: 'block', size: [2, 1], pooling: 'AVG'},
  {type: 'block', size: [2, 1], pooling: 'MAX'},
  {type: 'm-by-n', m: 1, n: 2},
])('$type masks say whether all weights were finite', pattern => {
  const masked = (value: number): boolean => computeMask(Float32Array.of(1, 2, 3, value), [4, 1], pattern, 0.5).finite;
  expect([3.4028235e38, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(masked)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

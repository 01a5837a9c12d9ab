import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {computeMask} from './mask.ts';
import {maskMisfit} from './mask-misfit.ts';
import type {Pattern} from './pattern.ts';

const block: Pattern = {type: 'block', size: [2, 3], pooling: 'MAX'};
const groups: Pattern = {type: 'm-by-n', m: 2, n: 4};

test.each<[string, number[], number[], Pattern, RegExp]>([
  ['a value between', [0, 1, 0.5, 1], [4], {type: 'element'}, /index 2 holds 0.5/],
  ['a torn block', [1, 1, 1, 0, 1, 1, 0, 0], [2, 4], block, /index 6 differs/],
  ['too many zeros', [1, 0, 0, 0, 1, 0, 1, 1], [8, 1], groups, /index 0 has 3 zeros/],
  ['too many zeros along the last axis', [1, 0, 0, 0], [1, 4], {...groups, axis: 1}, /3 zeros/],
])('%s does not fit', (_, mask, shape, pattern, expected) => {
  expect(maskMisfit(Float32Array.from(mask), shape, pattern)).toMatch(expected);
});

test('every computed mask fits its pattern', () => {
  const dimension = fc.integer({min: 1, max: 6});
  fc.assert(
    fc.property(
      fc.tuple(dimension, dimension, dimension),
      fc.constantFrom<Pattern>({type: 'element'}, block, groups, {...groups, axis: 2}),
      fc.double({min: 0, max: 0.99, noNaN: true}),
      fc.infiniteStream(fc.float({noNaN: true, noDefaultInfinity: true})),
      (shape, pattern, sparsity, values) => {
        const weights = Float32Array.from({length: shape[0] * shape[1] * shape[2]}, () => values.next().value);
        expect(maskMisfit(computeMask(weights, shape, pattern, sparsity).mask, shape, pattern)).toBeUndefined();
      },
    ),
  );
});

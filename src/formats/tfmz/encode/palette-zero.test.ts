import {expect, test} from 'vitest';
import {paletteZero} from './palette-zero.ts';

test.each([
  ['alike on both sides', [5, 10, 20, 40, 20, 10, 5], 3],
  ['a mask: more than half are one word', [1, 2, 3, 100, 40, 1, 2], 3],
  ['a code book whose entries lie where they may', [30, 3, 31, 29, 2, 35, 4, 33], 0],
  ['two words', [40, 60], 1],
  ['one word', [7], 0],
])('%s', (_, counts, zero) => {
  expect(paletteZero(counts, counts.indexOf(Math.max(...counts)))).toBe(zero);
});

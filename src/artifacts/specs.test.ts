import {expect, test} from 'vitest';
import type {WeightSpec} from './artifacts.ts';
import {checkSpecs, placeSpecs, stringBytesAt} from './specs.ts';

const spec = (name: string, shape: readonly number[], dtype: WeightSpec['dtype'] = 'float32'): WeightSpec => ({
  name,
  shape,
  dtype,
});

test.each([
  [[], 1],
  [[0, 2 ** 40], 0],
  [[3, 4], 12],
  [[2 ** 32], 2 ** 32],
  [[2 ** 16, 2 ** 16], 2 ** 32],
])('a weight of shape %j has %i elements', (shape, elements) => {
  expect(checkSpecs([spec('a', shape)])[0]!.elements).toBe(elements);
});

test.each([
  [[2 ** 32 + 1], 'more than'],
  [[2 ** 32, 2], 'more than'],
  [[-1], 'whole numbers'],
  [[1.5], 'whole numbers'],
  ['3', 'whole numbers'],
])('no weight has the shape %j', (shape, why) => {
  expect(() => checkSpecs([spec('a', shape as number[])])).toThrow(
    expect.objectContaining({code: 'invalid-weights', message: expect.stringContaining(why)}),
  );
});

test('names differ', () => {
  expect(checkSpecs([spec('a', []), spec('b', [])])).toHaveLength(2);
  expect(() => checkSpecs([spec('a', []), spec('b', []), spec('a', [2])])).toThrow("'a' appears twice");
});

test('weights lie one after another', () => {
  const placed = placeSpecs(
    [spec('a', [3]), spec('b', [2], 'bool'), spec('c', [4], 'string'), spec('d', [2], 'complex64'), spec('e', [0])],
    (elements, from) => elements * 10 + from,
  );
  expect(placed.map(({from, to}) => [from, to])).toEqual([
    [0, 12],
    [12, 14],
    [14, 68],
    [68, 84],
    [84, 84],
  ]);
});

test('strings take their lengths and their bytes', () => {
  const bytes = Uint8Array.of(9, 2, 0, 0, 0, 65, 66, 0, 0, 0, 0, 1, 0, 0, 0, 67);
  expect([0, 1, 2, 3].map(elements => stringBytesAt(bytes, elements, 1))).toEqual([0, 6, 10, 15]);
  for (const [elements, needed] of [
    [4, 20],
    [5, 20],
  ] as const)
    expect(() => stringBytesAt(bytes, elements, 1)).toThrow(`need ${needed} bytes, but the weight data has 16`);
  expect(() => stringBytesAt(bytes.subarray(0, 15), 3, 1)).toThrow('need 16 bytes, but the weight data has 15');
});

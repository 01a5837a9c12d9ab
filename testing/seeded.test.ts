import {expect, test} from 'vitest';
import {seededRandom} from '../examples/mnist/random.ts';
import {diceOf} from './dice.ts';
import {normalValues, seeded, uniformValues} from './seeded.ts';

const LENGTH = 20_000;
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

// Golden files and committed results were made with these numbers.
test.each([
  [0, [2462723854, 1020716019, 454327756]],
  [7, [588686121, 1937383562, 4286812467]],
  [2 ** 32 - 1, [920564995, 4230986166, 697614773]],
])('the numbers of seed %d are the ones they always were', (seed, words) => {
  const random = seeded(seed);
  expect(words.map(() => random() * 2 ** 32)).toEqual(words);
});

test('the example that people copy has the same generator', () => {
  for (const seed of [0, 1, 12_345, -3]) {
    const [ours, theirs] = [seeded(seed), seededRandom(seed)];
    for (let i = 0; i < 100; i++) expect(ours()).toBe(theirs());
  }
});

test('uniform values have mean 1/2 and variance 1/12, normal ones 0 and 1', () => {
  const uniform = uniformValues(LENGTH, 1);
  expect(mean(uniform)).toBeCloseTo(1 / 2, 2);
  expect(mean(uniform.map(value => (value - 1 / 2) ** 2))).toBeCloseTo(1 / 12, 2);
  const normal = normalValues(LENGTH, 1);
  expect(mean(normal)).toBeCloseTo(0, 1);
  expect(mean(normal.map(value => value ** 2))).toBeCloseTo(1, 1);
  expect(normalValues(3, 5)).toEqual(normalValues(4, 5).subarray(0, 3));
});

test('dice fall on every side, and on no other', () => {
  const dice = diceOf(seeded(2));
  const throws = Array.from({length: 200}, () => dice.whole(-1, 2));
  expect([...new Set(throws)].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  const sides = Array.from({length: 200}, () => dice.pick(['a', 'b', 'c']));
  expect(new Set(sides)).toEqual(new Set(['a', 'b', 'c']));
  const floats = dice.floats(LENGTH, 0.3);
  expect(floats.filter(value => value === 0).length / LENGTH).toBeCloseTo(0.3, 1);
  expect(floats.every(value => value >= -1 && value < 1)).toBe(true);
});

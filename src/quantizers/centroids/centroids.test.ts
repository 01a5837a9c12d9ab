import fc from 'fast-check';
import {expect, test} from 'vitest';
import {normalValues} from '../../../testing/seeded.ts';
import {fillEmptyClusters} from './fill-empty.ts';
import {type CentroidInitialization, initialCentroids, toolkitCentroids} from './initial.ts';
import {assignToNearest} from './nearest.ts';
import {philox} from './philox.ts';

const INITS: readonly CentroidInitialization[] = ['LINEAR', 'RANDOM', 'DENSITY_BASED', 'KMEANS_PLUS_PLUS'];

/** Weights as layers have them: few or many, some zero, some alike. */
const weights = fc
  .array(fc.oneof(fc.constant(0), fc.integer({min: -4, max: 4}), fc.float({min: -10, max: 10, noNaN: true})), {
    minLength: 1,
    maxLength: 60,
  })
  .map(values => Float32Array.from(values, value => value + 0));
const options = fc.record({
  init: fc.constantFrom(...INITS),
  preserveSparsity: fc.boolean(),
  iterations: fc.oneof(fc.constant('exact' as const), fc.integer({min: 0, max: 5})),
  seed: fc.integer({min: 0, max: 2 ** 40}),
});

test('centroids are as many as asked for, finite, and all in use where there are values for them', () => {
  fc.assert(
    fc.property(weights, fc.integer({min: 3, max: 40}), options, (values, clusters, given) => {
      const centroids = initialCentroids(values, clusters, given);
      expect(centroids).toHaveLength(clusters);
      expect(centroids.every(Number.isFinite)).toBe(true);
      const {members} = assignToNearest(values, centroids);
      const used = members.filter(count => count > 0).length;
      const distinct = new Set(values).size;
      // Zero keeps a centroid for itself, whether or not a weight is zero.
      const free = given.preserveSparsity ? clusters - 1 : clusters;
      expect(used).toBeGreaterThanOrEqual(Math.min(free, distinct));
      if (given.preserveSparsity) {
        expect(centroids).toContain(0);
        const seen = Float32Array.from(assignToNearest(values, centroids).indices, index => centroids[index]!);
        values.forEach((value, i) => {
          if (value === 0) expect(seen[i]).toBe(0);
        });
      }
    }),
    {numRuns: 400},
  );
});

test('filling takes nothing from centroids that are in use, but values, and leaves those given as they are', () => {
  fc.assert(
    fc.property(
      weights,
      fc.array(fc.float({min: -20, max: 20, noNaN: true}), {minLength: 1, maxLength: 20}),
      (values, given) => {
        const before = Float32Array.from(given);
        const centroids = fillEmptyClusters(values, before);
        expect([...before]).toEqual(given.map(Math.fround));
        const {members} = assignToNearest(values, centroids);
        expect(members.filter(count => count > 0).length).toBe(Math.min(given.length, new Set(values).size));
      },
    ),
    {numRuns: 400},
  );
});

test('exact centroids have the least squared error of all', () => {
  const errorOf = (values: Float32Array, centroids: Float32Array): number =>
    assignToNearest(values, centroids).distances.reduce((sum, distance) => sum + distance * distance, 0);
  fc.assert(
    fc.property(weights, fc.integer({min: 2, max: 8}), fc.constantFrom(...INITS), (values, clusters, init) => {
      const given = {init, preserveSparsity: false, seed: 9};
      const exact = errorOf(values, initialCentroids(values, clusters, {...given, iterations: 'exact'}));
      const rounds = errorOf(values, initialCentroids(values, clusters, {...given, iterations: 20}));
      expect(exact).toBeLessThanOrEqual(rounds * (1 + 1e-5) + 1e-6);
    }),
    {numRuns: 200},
  );
});

test('k-means++ draws values of the weight, none twice', () => {
  const values = normalValues(5000, 1);
  const centroids = toolkitCentroids(values, 64, {init: 'KMEANS_PLUS_PLUS', preserveSparsity: false, seed: 9});
  expect(new Set(centroids).size).toBe(64);
  expect(centroids.every(centroid => values.includes(centroid))).toBe(true);
});

test('draws that overflow end', () => {
  const values = Float32Array.of(1e30, -1e30, 2e30, 0, 1, 3e38, -3e38);
  for (const init of INITS) {
    const centroids = initialCentroids(values, 5, {init, preserveSparsity: false, seed: 9, iterations: 0});
    expect(centroids).toHaveLength(5);
  }
});

/** The first words for zero counter and key, as the authors of the generator publish them. */
test('Philox 4x32-10', () => {
  const random = philox(0);
  expect(Array.from({length: 4}, () => random.word().toString(16))).toEqual([
    '6627e8d5',
    'e169c58d',
    'bc57ac4c',
    '9b00dbd8',
  ]);
});

test('whole numbers below a bound are as likely', () => {
  const random = philox(3);
  const counts = new Uint32Array(6);
  for (let i = 0; i < 6000; i++) counts[random.below(6)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  for (const bound of [1, 2, 8]) expect(random.below(bound)).toBeLessThan(bound);
});

import {expect, test} from 'vitest';
import {seeded} from '../../testing/seeded.ts';
import {kthMagnitude} from './kth-magnitude.ts';

const LENGTH = 70_000;

/** Seeded values; `shape` says what becomes of a uniform number in [0, 1) and its place. */
function values(shape: (uniform: number, index: number) => number): Float32Array {
  const random = seeded(7);
  return Float32Array.from({length: LENGTH}, (_, index) => shape(random(), index));
}

// Enough weights for a sample to be taken, in shapes that a sample sees well, badly or not at all.
test.each([
  ['uniform', values(u => u - 0.5)],
  ['heavy tails', values(u => Math.tan(Math.PI * (u - 0.5)))],
  ['mostly zeros', values(u => (u < 0.95 ? 0 : u))],
  ['all equal', values(() => -3)],
  ['sorted', values((_, i) => i)],
  ['large ones where no sample is taken', values((_, i) => (i % 7 === 3 ? 10 + i : 1e-3 * i))],
  ['subnormals', values(u => (u - 0.5) * 1e-41)],
])('the k-th magnitude of %s is that of a sort', (_, weights) => {
  const sorted = weights.map(Math.abs).sort().reverse();
  for (const k of [1, 2, 100, LENGTH / 10, LENGTH / 2, 0.99 * LENGTH, LENGTH - 1, LENGTH]) {
    const {bits, ties, tiesKept, finite} = kthMagnitude(weights, k);
    const magnitude = new Float32Array(Int32Array.of(bits).buffer)[0]!;
    const first = sorted.indexOf(sorted[k - 1]!);
    expect(magnitude).toBe(sorted[k - 1]);
    expect(ties).toBe(sorted.lastIndexOf(sorted[k - 1]!) - first + 1);
    expect(tiesKept).toBe(k - first);
    expect(finite).toBe(true);
  }
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s is noticed wherever it is', value => {
  for (const index of [0, 12_345, LENGTH - 1]) {
    const weights = values(u => u);
    weights[index] = value;
    for (const k of [1, LENGTH / 10, LENGTH]) expect(kthMagnitude(weights, k).finite).toBe(false);
  }
});

import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {seeded, uniformValues} from '../../testing/seeded.ts';
import {decodeNumbers} from '../artifacts/decode.ts';
import {quantizeAffine} from './affine.ts';
import {optimalClusters} from './clusters.ts';
import {quantizeCodebook} from './codebook.ts';
import {quantizationError} from './error.ts';
import {toFloat16} from './float16.ts';
import {dequantizeSymmetric, quantizeSymmetric} from './symmetric.ts';

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const weights = fc
  .array(fc.oneof(fc.float({noNaN: true, min: -8, max: 8}), fc.constant(0)), {minLength: 1, maxLength: 60})
  .map(values => Float32Array.from(values));

/** Deterministic bell-shaped numbers. */
function bell(length: number): Float32Array {
  const next = seeded(1);
  return Float32Array.from({length}, () => next() + next() + next() + next() - 2);
}

describe('toFloat16', () => {
  test.each([
    ['zero', 0, 0],
    ['minus zero', -0, 0x8000],
    ['one', 1, 0x3c00],
    ['the largest half', 65504, 0x7bff],
    ['just below the border of infinity', 65519.996, 0x7bff],
    ['the border of infinity', 65520, 0x7c00],
    ['the smallest normal', 2 ** -14, 0x0400],
    ['the smallest subnormal', 2 ** -24, 0x0001],
    ['half of that, a tie to even', 2 ** -25, 0],
    ['a hair above', 2 ** -25 * 1.0001, 1],
    ['a tie to even upwards', 1 + 3 * 2 ** -11, 0x3c02],
    ['a tie to even downwards', 1 + 2 ** -11, 0x3c00],
    ['a subnormal that rounds up to the smallest normal', 2 ** -14 * (1 - 2 ** -12), 0x0400],
    ['a fraction that carries into the exponent', 2 - 2 ** -12, 0x4000],
  ])('%s', (_, value, half) => {
    expect(toFloat16(floats(value))[0]).toBe(half);
  });

  test('every half survives the way to single and back', () => {
    const halves = Uint16Array.from({length: 0x10000}, (_, bits) => bits).filter(bits => (bits & 0x7c00) !== 0x7c00);
    const spec = {name: 'w', shape: [halves.length], dtype: 'float32'} as const;
    const wide = decodeNumbers(new Uint8Array(halves.buffer), 'float16', spec);
    // Halves decode to +0 for both zeros or keep the sign: either way magnitudes must agree.
    expect(toFloat16(wide).map(bits => bits & 0x7fff)).toEqual(halves.map(bits => bits & 0x7fff));
  });
});

describe('quantizeAffine', () => {
  test('is within half a step of each value and keeps zeros exact', () => {
    fc.assert(
      fc.property(weights, fc.constantFrom('uint8', 'uint16'), (values, dtype) => {
        const {levels, scale, min} = quantizeAffine(values, dtype);
        for (const [index, value] of values.entries()) {
          const restored = Math.fround(levels[index]! * scale + min);
          // The nudge that makes zero exact may move an end of the range by half a step.
          expect(Math.abs(restored - value)).toBeLessThanOrEqual(scale * 1.001 + 1e-6);
          if (value === 0) expect(restored).toBe(0);
        }
      }),
    );
  });

  test('does not wrap where the nudge leaves the largest value outside', () => {
    const values = floats(-1.5, 0, 253.6);
    const {levels} = quantizeAffine(values, 'uint8');
    expect([...levels].at(-1)).toBeGreaterThan(253);
  });

  test('uses no more levels than it is given', () => {
    const values = bell(1000);
    values[7] = 0;
    const {levels, scale, min} = quantizeAffine(values, 'uint8', 16);
    expect(Math.max(...levels)).toBe(15);
    expect(new Set(levels).size).toBe(16);
    expect(levels[7]! * scale + min).toBe(0);
  });

  test.each([
    ['equal values', floats(0.3, 0.3)],
    ['zeros', floats(0, 0)],
    ['nothing', floats()],
    ['only positive values', floats(5, 6, 7)],
  ])('%s', (_, values) => {
    const {levels, scale, min} = quantizeAffine(values, 'uint8');
    const restored = Float32Array.from(levels, level => level * scale + min);
    for (const [index, value] of values.entries()) expect(restored[index]).toBeCloseTo(value, 2);
    expect(Number.isFinite(scale) && scale > 0).toBe(true);
  });
});

describe('quantizeSymmetric', () => {
  test('one scale', () => {
    const {levels, scales} = quantizeSymmetric(floats(-2, 0, 1, 2), [4]);
    expect([...levels]).toEqual([-127, 0, 64, 127]);
    expect([...scales]).toEqual([Math.fround(2 / 127)]);
  });

  test('a scale for each output of a kernel, and for an axis in the middle', () => {
    const values = floats(1, 10, -2, 20, 0.5, -5);
    expect([...quantizeSymmetric(values, [3, 2], {axis: 1}).levels]).toEqual([64, 64, -127, 127, 32, -32]);
    expect([...quantizeSymmetric(values, [1, 3, 2], {axis: 1}).levels]).toEqual([13, 127, -13, 127, 13, -127]);
  });

  test('decodes to what it measured its error on, zeros included', () => {
    fc.assert(
      fc.property(weights, fc.integer({min: 2, max: 8}), (values, bits) => {
        const result = quantizeSymmetric(values, [values.length], {bits});
        const restored = dequantizeSymmetric(result, [values.length]);
        let largest = 0;
        for (const [index, value] of values.entries()) {
          largest = Math.max(largest, Math.abs(value - restored[index]!));
          if (value === 0) expect(result.levels[index]).toBe(0);
        }
        expect(result.error.largest).toBe(largest);
        expect(largest).toBeLessThanOrEqual(result.scales[0]! * 0.5001 + 1e-6);
      }),
    );
  });

  test('each entry of the axis has its own scale, for any shape and axis', () => {
    const shapes = fc.array(fc.integer({min: 1, max: 4}), {minLength: 1, maxLength: 4});
    fc.assert(
      fc.property(shapes, fc.nat(3), fc.integer({min: 2, max: 8}), fc.nat(1000), (shape, which, bits, seed) => {
        const axis = which % shape.length;
        const count = shape.reduce((product, size) => product * size, 1);
        const values = uniformValues(count, seed).map(value => value * 8 - 4);
        const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
        const channelOf = (index: number): number => Math.floor(index / inner) % shape[axis]!;
        const last = 2 ** (bits - 1) - 1;
        const scales = Float32Array.from({length: shape[axis]!}, (_, channel) =>
          Math.fround(Math.max(...values.filter((_, index) => channelOf(index) === channel).map(Math.abs)) / last),
        );
        const result = quantizeSymmetric(values, shape, {bits, axis});
        expect(result.scales).toEqual(scales);
        const levels = values.map((value, index) => Math.round(value / scales[channelOf(index)]!));
        expect([...result.levels]).toEqual([...levels].map(level => Math.max(-last, Math.min(last, level)) + 0));
        const restored = Float32Array.from(result.levels, (level, index) => level * scales[channelOf(index)]!);
        expect(dequantizeSymmetric(result, shape, axis)).toEqual(restored);
        expect(result.error).toEqual(quantizationError(values, restored));
      }),
      {seed: 3, numRuns: 80},
    );
  });

  test.each([[{bits: 1}], [{bits: 9}], [{bits: 2.5}], [{axis: 2}], [{axis: -1}]])('refuses %j', options => {
    expect(() => quantizeSymmetric(floats(1), [1, 1], options)).toThrow(
      expect.objectContaining({code: 'invalid-argument'}),
    );
  });
});

describe('quantizeCodebook', () => {
  test('no division into runs is better', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({min: -50, max: 50}), {minLength: 1, maxLength: 9}), positions => {
        const sorted = Float64Array.from(positions).sort();
        const counts = sorted.map((_, index) => 1 + (index % 3));
        for (let clusters = 1; clusters <= Math.min(4, sorted.length); clusters++) {
          const means = optimalClusters({positions: sorted, counts}, clusters);
          expect(cost(sorted, counts, means)).toBeCloseTo(bestByTrying(sorted, counts, clusters), 6);
        }
      }),
      {numRuns: 60},
    );
  });

  test('zero has an entry of its own', () => {
    const {entries, indices, optimal} = quantizeCodebook(floats(0, 0.01, -1, 0, 1, 1.02), 4);
    expect([...entries]).toEqual([0, -1, Math.fround(0.01), Math.fround(1.01)].map(Math.fround));
    expect([...indices]).toEqual([0, 2, 1, 0, 3, 3]);
    expect(optimal).toBe(true);
  });

  test('as many entries as values are exact', () => {
    const values = floats(0, 0.1, 0.2, -0.3, 0.1);
    const {entries, indices, error} = quantizeCodebook(values, 256);
    expect(Float32Array.from(indices, index => entries[index]!)).toEqual(values);
    expect(error).toEqual({largest: 0, meanSquared: 0, relative: 0});
  });

  test.each([
    ['zeros', floats(0, 0, 0), [0]],
    ['nothing', floats(), [0]],
    ['one value', floats(3), [0, 3]],
  ])('%s', (_, values, expected) => {
    expect([...quantizeCodebook(values, 16).entries]).toEqual(expected);
  });

  test("with many values comes within a thousandth of the bell curve's own optimum, and improves with each entry", () => {
    const values = bell(40_000);
    let last = Infinity;
    for (const entries of [2, 3, 5, 17, 256]) {
      const {error, optimal} = quantizeCodebook(values, entries);
      expect(optimal).toBe(false);
      expect(error.meanSquared).toBeLessThan(last);
      last = error.meanSquared;
    }
    // The same values rounded to 4,000 different ones have a codebook that is known to be optimal.
    const coarse = values.map(value => Math.round(value * 1000) / 1000);
    const known = quantizeCodebook(coarse, 17);
    expect(known.optimal).toBe(true);
    expect(quantizeCodebook(values, 17).error.meanSquared).toBeLessThan(known.error.meanSquared * 1.001);
  });

  test.each([2, 3, 16, 256])('gives each value the nearest of %s entries', entries => {
    const values = bell(6000);
    const {entries: codebook, indices} = quantizeCodebook(values, entries);
    for (const [index, value] of values.entries()) {
      let nearest = 1;
      for (let i = 2; i < codebook.length; i++) {
        if (Math.abs(codebook[i]! - value) < Math.abs(codebook[nearest]! - value)) nearest = i;
      }
      const off = Math.abs(codebook[indices[index]!]! - value);
      expect(off).toBeLessThanOrEqual(Math.abs(codebook[nearest]! - value) + 1e-7);
    }
  });

  test.each([1, 257, 3.5, Number.NaN])('refuses %s entries', entries => {
    expect(() => quantizeCodebook(floats(1), entries)).toThrow(expect.objectContaining({code: 'invalid-argument'}));
  });
});

function cost(positions: Float64Array, counts: Float64Array, means: Float64Array): number {
  return positions.reduce((sum, position, index) => {
    const nearest = Math.min(...means.map(mean => (mean - position) ** 2));
    return sum + counts[index]! * nearest;
  }, 0);
}

function bestByTrying(positions: Float64Array, counts: Float64Array, clusters: number, from = 0): number {
  if (from === positions.length) return clusters === 0 ? 0 : Infinity;
  if (clusters === 0) return Infinity;
  let best = Infinity;
  for (let end = from + 1; end <= positions.length; end++) {
    const [run, weight] = [positions.subarray(from, end), counts.subarray(from, end)];
    const total = weight.reduce((sum, count) => sum + count, 0);
    const mean = run.reduce((sum, position, index) => sum + position * weight[index]!, 0) / total;
    best = Math.min(
      best,
      cost(run, weight, Float64Array.of(mean)) + bestByTrying(positions, counts, clusters - 1, end),
    );
  }
  return best;
}

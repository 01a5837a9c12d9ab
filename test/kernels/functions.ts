import {describe, expect, test} from 'vitest';
import {BINARY, type KernelVariant, UNARY} from '../../src/inference/kernels/index.ts';
import {difference, makeBench, sourceOf} from './bench.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const elu = (x: number): number => (x < 0 ? Math.expm1(x) : x);

/**
 * The error function: by its series near zero, where that does not cancel, else by the continued fraction of the rest.
 */
function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 2.5) {
    let fraction = 1;
    for (let n = 100; n > 0; n--) fraction = 1 + n / (2 * x * x) / fraction;
    return 1 - Math.exp(-x * x) / (x * Math.sqrt(Math.PI) * fraction);
  }
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/**
 * What each function must give, and how far off it may be: relative to the value, or to the argument where it is that
 * large.
 */
const FUNCTIONS: readonly (readonly [
  keyof typeof UNARY,
  (x: number) => number,
  {
    readonly alpha?: number;
    readonly beta?: number;
    readonly toArgument?: boolean;
    readonly tolerance?: number;
    /** Not a number below zero. */
    readonly positive?: boolean;
  },
])[] = [
  ['linear', x => x, {tolerance: 0}],
  ['relu', x => (x < 0 ? Math.fround(0.3) * x : x), {alpha: 0.3}],
  ['relu', x => Math.max(0, x), {alpha: 0, tolerance: 0}],
  ['clamp', x => Math.min(6, Math.max(-2, x)), {alpha: -2, beta: 6, tolerance: 0}],
  ['elu', x => (x < 0 ? 1.5 * Math.expm1(x) : x), {alpha: 1.5}],
  ['selu', x => 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * Math.expm1(x) : x), {}],
  ['sigmoid', sigmoid, {}],
  ['hardSigmoid', x => Math.min(1, Math.max(0, 0.2 * x + 0.5)), {toArgument: true}],
  ['hardSigmoid6', x => Math.min(6, Math.max(0, x + 3)) / 6, {toArgument: true}],
  ['hardSwish', x => (x * Math.min(6, Math.max(0, x + 3))) / 6, {toArgument: true}],
  ['tanh', Math.tanh, {}],
  ['softplus', softplus, {}],
  ['softsign', x => x / (1 + Math.abs(x)), {}],
  ['swish', x => x * sigmoid(x), {}],
  ['mish', x => x * Math.tanh(softplus(x)), {}],
  ['gelu', x => (x / 2) * (1 + erf(x / Math.SQRT2)), {toArgument: true}],
  ['geluNew', x => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), {toArgument: true}],
  ['exp', Math.exp, {}],
  ['abs', Math.abs, {tolerance: 0}],
  ['cos', Math.cos, {}],
  ['erf', erf, {}],
  ['floor', Math.floor, {tolerance: 0}],
  ['log', Math.log, {positive: true}],
  ['reciprocal', x => 1 / x, {}],
  ['rsqrt', x => 1 / Math.sqrt(x), {positive: true}],
  ['sin', Math.sin, {}],
  ['sqrt', Math.sqrt, {positive: true}],
  ['square', x => x * x, {}],
  ['affine', x => 2.5 * x - 1.25, {alpha: 2.5, beta: -1.25, toArgument: true}],
];

const PAIRS: Readonly<Record<keyof typeof BINARY, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  maximum: Math.max,
  minimum: Math.min,
  divide: (a, b) => a / b,
  power: Math.pow,
  squaredDifference: (a, b) => (a - b) ** 2,
  prelu: (a, b) => (a < 0 ? a * b : a),
};

/** Element-wise functions and the gates of recurrent cells. */
export function testFunctions(variant: KernelVariant): void {
  describe('functions of one argument', () => {
    const x = new Float32Array(6001);
    for (let i = 0; i < 3000; i++) {
      x[i] = (i - 1500) / 18;
      // Both signs of all orders of magnitude down to 1e-30.
      x[3000 + i] = (i % 2 ? 1 : -1) * 10 ** (1.9 - i / 95);
    }
    for (const [
      name,
      reference,
      {alpha = 0, beta = 0, toArgument = false, tolerance = 1e-6, positive = false},
    ] of FUNCTIONS) {
      test(`${name} is within ${tolerance}`, async () => {
        const bench = await makeBench(variant);
        const at = bench.put(x);
        bench.kernels.unary(UNARY[name], at, at, x.length, alpha, beta);
        const y = bench.get(at, x.length);
        let worst = 0;
        for (let i = 0; i < x.length; i++) {
          const expected = reference(x[i]!);
          if (positive && Number.isNaN(expected)) {
            expect(y[i]).toBeNaN();
            continue;
          }
          // Beyond the largest float.
          if (y[i] === Math.fround(expected)) continue;
          const scale = toArgument ? Math.max(Math.abs(expected), Math.abs(x[i]!), 1e-3) : Math.abs(expected);
          // Below the normal floats nothing is relative any more.
          const off = Math.abs(y[i]! - expected) / Math.max(scale, 1e-31);
          worst = Math.max(worst, Number.isNaN(off) ? Infinity : off);
        }
        expect(worst).toBeLessThanOrEqual(tolerance);
      });
    }

    test('what is not finite', async () => {
      const bench = await makeBench(variant);
      const at = bench.put(Float32Array.of(Infinity, -Infinity, Number.NaN, 0, 89, -104));
      const y = bench.room(6);
      const all = (name: keyof typeof UNARY): number[] => {
        bench.kernels.unary(UNARY[name], at, y, 6, 1, 1);
        return [...bench.get(y, 6)];
      };
      expect(all('exp')).toEqual([Infinity, 0, Number.NaN, 1, Infinity, 0]);
      expect(all('sigmoid')).toEqual([1, 0, Number.NaN, 0.5, 1, 0]);
      expect(all('tanh')).toEqual([1, -1, Number.NaN, 0, 1, -1]);
      expect(all('elu')).toEqual([Infinity, -1, Number.NaN, 0, 89, -1]);
      expect(all('softplus').slice(0, 3)).toEqual([Infinity, 0, Number.NaN]);
      expect(all('abs')).toEqual([Infinity, Infinity, Number.NaN, 0, 89, 104]);
      expect(all('cos').slice(0, 4)).toEqual([Number.NaN, Number.NaN, Number.NaN, 1]);
      expect(all('sin').slice(0, 4)).toEqual([Number.NaN, Number.NaN, Number.NaN, 0]);
      expect(all('erf')).toEqual([1, -1, Number.NaN, 0, 1, -1]);
      expect(all('floor').slice(0, 3)).toEqual([Infinity, -Infinity, Number.NaN]);
      expect(all('log').slice(0, 4)).toEqual([Infinity, Number.NaN, Number.NaN, -Infinity]);
      expect(all('reciprocal').slice(0, 4)).toEqual([0, -0, Number.NaN, Infinity]);
      expect(all('rsqrt').slice(0, 4)).toEqual([0, Number.NaN, Number.NaN, Infinity]);
      expect(all('sqrt').slice(0, 4)).toEqual([Infinity, Number.NaN, Number.NaN, 0]);
      expect(all('square').slice(0, 4)).toEqual([Infinity, Infinity, Number.NaN, 0]);
    });

    test('sines of large numbers, logarithms around one and below the normal floats', async () => {
      const bench = await makeBench(variant);
      const random = sourceOf(25);
      const large = Float32Array.from(
        {length: 4000},
        (_, i) => (i % 2 ? -1 : 1) * 10 ** (4 + (i % 345) / 10) * (0.5 + random.next() / 2),
      );
      const near = Float32Array.from({length: 4000}, (_, i) =>
        i < 2000 ? 1 + (i - 1000) * 2 ** -20 : 10 ** (-37 - (i % 80) / 10),
      );
      for (const [name, x] of [
        ['sin', large],
        ['cos', large],
        ['log', near],
      ] as const) {
        const at = bench.put(x);
        bench.kernels.unary(UNARY[name], at, at, x.length, 0, 0);
        const y = bench.get(at, x.length);
        x.forEach((value, i) => {
          const want = Math[name](value);
          expect(Math.abs(y[i]! - want), `${name} ${value}`).toBeLessThanOrEqual(1e-6 * Math.abs(want));
        });
      }
    });
  });

  describe('functions of two arguments', () => {
    for (const [name, reference] of Object.entries(PAIRS)) {
      test(`${name}, of rows, repeated rows and numbers a row`, async () => {
        const source = sourceOf(21);
        for (let round = 0; round < 16; round++) {
          const bench = await makeBench(variant);
          const [rows, count] = [source.whole(1, 6), source.whole(1, 21)];
          const splat = round % 4;
          const [aStride, bStride, yStride] = [source.whole(0, 1) * 96, source.whole(0, 1) * 112, 128];
          // A negative number has no broken powers.
          const a = source.floats(rows * 32).map(x => (name === 'power' ? Math.abs(x) : x));
          const b = source.floats(rows * 32);
          const y = bench.room(rows * 32);
          const op = BINARY[name as keyof typeof BINARY];
          bench.kernels.binary(op, bench.put(a), bench.put(b), y, rows, count, aStride, bStride, yStride, splat);
          for (let row = 0; row < rows; row++) {
            const expected = Float64Array.from({length: count}, (_, i) =>
              reference(a[(row * aStride) / 4 + (splat & 1 ? 0 : i)]!, b[(row * bStride) / 4 + (splat & 2 ? 0 : i)]!),
            );
            expect(difference(bench.get(y + row * yStride, count), expected)).toBeLessThan(1e-6);
            expect(bench.get(y + row * yStride + count * 4, 1)[0]).toBeGreaterThan(1e29);
          }
        }
      });
    }
  });

  test('powers are those of Math.pow', async () => {
    const bench = await makeBench(variant);
    const numbers = [0, 0.5, 1, 1.5, 2, 3, 7, 127.3, 1e-40, 2 ** 24, 2 ** 24 + 2, 3e38, Infinity];
    const all = [...numbers, ...numbers.map(x => -x), Number.NaN];
    const a = Float32Array.from(all.flatMap(x => all.map(() => x)));
    const b = Float32Array.from(all.flatMap(() => all));
    const y = bench.room(a.length);
    bench.kernels.binary(BINARY.power, bench.put(a), bench.put(b), y, 1, a.length, 0, 0, 0, 0);
    bench.get(y, a.length).forEach((got, i) => {
      const want = Math.fround(a[i]! ** b[i]!);
      const what = `${a[i]} ** ${b[i]}`;
      if (Object.is(got, want)) return;
      expect(got, what).not.toBeNaN();
      expect(Math.abs(got - want), what).toBeLessThanOrEqual(Math.max(1e-6 * Math.abs(want), 1e-44));
    });
  });

  describe('gates', () => {
    const units = 21;
    const stride = 96;
    const gates = (data: Float32Array, gate: number, unit: number): number => data[(gate * stride) / 4 + unit]!;
    const mixed = (data: Float32Array, other: Float32Array, gate: number, unit: number): number =>
      gates(data, gate, unit) + gates(other, gate, unit);

    test('lstm', async () => {
      const source = sourceOf(22);
      const bench = await makeBench(variant);
      const [zx, zh] = [source.floats(96), source.floats(96)];
      const [c, h] = [source.floats(units), source.floats(units)];
      const [cAt, hAt] = [bench.put(c), bench.put(h)];
      bench.kernels.lstm(bench.put(zx), bench.put(zh), cAt, hAt, units, stride, UNARY.sigmoid, UNARY.elu);
      const cell = Float64Array.from(c, (old, u) => {
        const forget = sigmoid(mixed(zx, zh, 1, u));
        return forget * old + sigmoid(mixed(zx, zh, 0, u)) * elu(mixed(zx, zh, 2, u));
      });
      expect(difference(bench.get(cAt, units), cell)).toBeLessThan(1e-6);
      const hidden = cell.map((value, u) => sigmoid(mixed(zx, zh, 3, u)) * elu(value));
      expect(difference(bench.get(hAt, units), hidden)).toBeLessThan(1e-6);
    });

    test('gru with resetAfter', async () => {
      const source = sourceOf(23);
      const bench = await makeBench(variant);
      const [zx, zh, h] = [source.floats(96), source.floats(96), source.floats(units)];
      const hAt = bench.put(h);
      bench.kernels.gru(bench.put(zx), bench.put(zh), hAt, units, stride, UNARY.sigmoid, UNARY.tanh);
      const expected = Float64Array.from(h, (old, u) => {
        const z = sigmoid(mixed(zx, zh, 0, u));
        const r = sigmoid(mixed(zx, zh, 1, u));
        return z * old + (1 - z) * Math.tanh(gates(zx, 2, u) + r * gates(zh, 2, u));
      });
      expect(difference(bench.get(hAt, units), expected)).toBeLessThan(1e-6);
    });

    test('gru without resetAfter, in two halves', async () => {
      const source = sourceOf(24);
      const bench = await makeBench(variant);
      const [zx, zh, zc, h] = [source.floats(96), source.floats(96), source.floats(units), source.floats(units)];
      const [zxAt, hAt, rh] = [bench.put(zx), bench.put(h), bench.room(units)];
      bench.kernels.gruReset(zxAt, bench.put(zh), hAt, rh, units, stride, UNARY.hardSigmoid);
      const hardSigmoid = (x: number): number => Math.min(1, Math.max(0, 0.2 * x + 0.5));
      const reset = Float64Array.from(h, (old, u) => old * hardSigmoid(mixed(zx, zh, 1, u)));
      expect(difference(bench.get(rh, units), reset)).toBeLessThan(1e-6);
      bench.kernels.gruUpdate(zxAt, bench.put(zc), hAt, units, stride, UNARY.tanh);
      const expected = Float64Array.from(h, (old, u) => {
        const z = hardSigmoid(mixed(zx, zh, 0, u));
        return z * old + (1 - z) * Math.tanh(gates(zx, 2, u) + zc[u]!);
      });
      expect(difference(bench.get(hAt, units), expected)).toBeLessThan(1e-6);
    });
  });
}

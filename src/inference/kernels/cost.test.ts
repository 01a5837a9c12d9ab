import {expect, test} from 'vitest';
import {estimateNs} from './cost.ts';

const dense = (outputs: number, inputs: number, pixels: number | null): number =>
  estimateNs('dense', {outputs, multiplied: outputs * inputs, pixels});

test('every zero makes the sparse formats cheaper, and break-even lies between half and three quarters', () => {
  for (const pixels of [1, 4, 49, 196, 3136]) {
    const csr = [0.3, 0.5, 0.75, 0.9].map(zeros =>
      estimateNs('csr', {outputs: 256, multiplied: Math.round((1 - zeros) * 256 * 256), pixels}),
    );
    expect(csr).toEqual([...csr].sort((a, b) => b - a));
    expect(csr[2]).toBeLessThan(dense(256, 256, pixels));
  }
});

test('blocks beat single weights for one vector, dense weights beat full sparse ones', () => {
  const size = {outputs: 1024, multiplied: 321126, pixels: null};
  expect(estimateNs('block', size)).toBeLessThan(estimateNs('csr', size) / 2);
  const full = {outputs: 256, multiplied: 65536, pixels: null};
  expect(dense(256, 256, null)).toBeLessThan(estimateNs('block', full));
  expect(dense(256, 256, null)).toBeLessThan(estimateNs('csr', full) / 2);
});

test('cost grows with pixels, but not by tiles that are not there', () => {
  const at = (pixels: number): number => estimateNs('csr', {outputs: 64, multiplied: 640, pixels});
  let last = 0;
  for (let pixels = 4; pixels <= 400; pixels += 28) {
    expect(at(pixels)).toBeGreaterThan(last);
    last = at(pixels);
  }
  expect(at(3136)).toBeCloseTo(112 * at(28), 6);
  expect(at(196)).toBeCloseTo(7 * at(28), 6);
});

test('there is no kernel of input blocks over pixels', () => {
  expect(estimateNs('inputBlock', {outputs: 4, multiplied: 16, pixels: 4})).toBe(Number.POSITIVE_INFINITY);
});

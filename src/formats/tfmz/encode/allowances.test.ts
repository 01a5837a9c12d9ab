import {expect, test} from 'vitest';
import {elementsOf} from '../format/elements.ts';
import type {TensorCoding} from '../format/tensor/tensor-header.ts';
import {beyondDefault, codedWords, fitsFormat1} from './allowances.ts';

const HALVES = elementsOf({name: 'a', shape: [30, 10], dtype: 'float32', quantization: {dtype: 'float16'}}, 0);
const grid = {columns: 10, period: 1} as const;
const palette = {...grid, zero: 0, step: 0, palette: Uint32Array.of(1, 2)} as const;

test.each<[TensorCoding, number]>([
  [{method: 'linear', ...grid, scale: 0, running: false}, 300],
  [{method: 'float', ...grid, shift: 0, top: 9}, 300],
  [{method: 'palette', ...palette}, 300],
  [{method: 'palette', ...palette, palette: Uint32Array.of(7)}, 0],
  [{method: 'copy', source: 0}, 0],
  [{method: 'indices', ...palette}, 2400],
  [{method: 'bytes'}, 4800],
])('%j codes %i words', (coding, expected) => {
  expect(codedWords(coding, HALVES)).toBe(expected);
});

test('format 1 may declare so much for so many bytes, and not more', () => {
  const section = (bytes: number, words: number) => ({kind: 1, payload: new Uint8Array(bytes), words});
  const most = 2 ** 24 + 2 ** 14 * 30;
  expect(fitsFormat1([section(10, 0), section(20, 0)], most)).toBe(true);
  expect(fitsFormat1([section(10, 0), section(20, 0)], most + 1)).toBe(false);
  expect(fitsFormat1([section(10, 2 ** 16 + 2 ** 10 * 10)], 0)).toBe(true);
  expect(fitsFormat1([section(10, 2 ** 16 + 2 ** 10 * 10 + 1)], 0)).toBe(false);
  expect(fitsFormat1([section(99, 0), section(10, 2 ** 16 + 2 ** 10 * 10 + 1)], 0)).toBe(false);
});

test.each([
  [50_000_000, 256_000_000, undefined],
  [50_000_001, 256_000_000, {maxDecisions: 50_000_001}],
  [50_000_000, 256_000_001, {maxBytes: 256_000_001}],
  [50_000_001, 256_000_001, {maxDecisions: 50_000_001, maxBytes: 256_000_001}],
])('of %i decisions and %i bytes, the default limits of a small file do not allow %j', (decisions, bytes, expected) => {
  expect(beyondDefault(1000, {maxDecisions: decisions, maxBytes: bytes})).toEqual(expected);
});

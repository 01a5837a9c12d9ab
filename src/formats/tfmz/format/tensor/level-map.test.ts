import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {elementsOf, wordsOf} from '../elements.ts';
import {levelMap} from './level-map.ts';
import type {CodingBy} from './tensor-header.ts';
import {placeOfWord, wordAtPlace} from './word-order.ts';

type Coding = CodingBy<'linear' | 'palette'>;

const grid = {columns: 4, period: 1} as const;
const linear = (scale: number, running = false): Coding => ({method: 'linear', ...grid, scale, running});
const palette = (method: 'palette' | 'indices', zero: number): Coding => ({
  method,
  ...grid,
  palette: Uint32Array.of(5, 7, 9),
  zero,
  step: 0,
});
const elements = {
  float32: elementsOf({name: 'a', shape: [4], dtype: 'float32'}, 0),
  float16: elementsOf({name: 'a', shape: [4], dtype: 'float32', quantization: {dtype: 'float16'}}, 0),
  uint8: elementsOf({name: 'a', shape: [4], dtype: 'float32', quantization: {dtype: 'uint8', min: 0, scale: 1}}, 0),
  uint16: elementsOf({name: 'a', shape: [4], dtype: 'float32', quantization: {dtype: 'uint16', min: 0, scale: 1}}, 0),
  int32: elementsOf({name: 'a', shape: [4], dtype: 'int32'}, 0),
  bool: elementsOf({name: 'a', shape: [4], dtype: 'bool'}, 0),
};
type Type = keyof typeof elements;

function wordsFrom(type: Type, coding: Coding, levels: readonly number[]): number[] {
  const words = wordsOf(elements[type], levels.length);
  levelMap(coding, elements[type]).words(Int32Array.from(levels), words, levels.length);
  return [...words];
}

function levelsFrom(type: Type, coding: Coding, words: readonly number[]): number[] {
  const given = wordsOf(elements[type], words.length);
  given.set(words);
  const levels = new Int32Array(words.length);
  levelMap(coding, elements[type]).levels(given, levels, words.length);
  return [...levels];
}

/** Codings with their lowest and highest level, and the words these stand for. */
const ENDS: readonly (readonly [Type, string, Coding, ends: readonly [number, number], words: readonly number[]])[] = [
  ['float32', 'a palette', palette('palette', 0), [0, 2], [5, 9]],
  ['float32', 'a palette whose second word is level 0', palette('palette', 1), [-1, 1], [5, 9]],
  ['float32', 'a palette whose last word is level 0', palette('palette', 2), [-2, 0], [5, 9]],
  ['float32', 'indices, whatever the zero', palette('indices', 1), [0, 2], [5, 9]],
  ['uint8', 'differences from 0', linear(0), [0, 255], [0, 255]],
  ['uint8', 'differences from 200', linear(200), [-200, 55], [0, 255]],
  ['uint16', 'differences from 1000', linear(1000), [-1000, 64_535], [0, 65_535]],
  ['bool', 'differences from 0', linear(0), [0, 255], [0, 255]],
  ['int32', 'differences from 0', linear(0), [-(2 ** 31), 2 ** 31 - 1], [2 ** 31, 2 ** 31 - 1]],
  ['int32', 'differences from -5', linear(-5), [-(2 ** 31) + 5, 2 ** 31 - 1], [2 ** 31, 2 ** 31 - 6]],
  ['int32', 'differences from 5', linear(5), [-(2 ** 31), 2 ** 31 - 6], [2 ** 31 + 5, 2 ** 31 - 1]],
  ['float16', 'places', linear(0), [-(2 ** 15), 2 ** 15 - 1], [0x8000, 0x7fff]],
  ['float32', 'places', linear(0), [-(2 ** 31), 2 ** 31 - 1], [2 ** 31, 2 ** 31 - 1]],
];

describe.each(ENDS)('%s by %s', (type, _, coding, [low, high], words) => {
  test('reaches from the lowest to the highest level', () => {
    expect(wordsFrom(type, coding, [low, high])).toEqual(words);
    expect(levelsFrom(type, coding, words)).toEqual([low, high]);
  });

  test('refuses a level without a word', () => {
    // A level is 32 bits wide.
    for (const level of [low - 1, high + 1].filter(each => each === (each | 0))) {
      expect(() => wordsFrom(type, coding, [low, level])).toThrow(
        expect.objectContaining({code: 'corrupt-file', message: expect.stringContaining(`level ${level} does`)}),
      );
    }
  });
});

test('steps of floats', () => {
  const floats = [0, 0.5, -1.5, 1e3];
  const words = [...new Uint32Array(Float32Array.from(floats).buffer)];
  expect(levelsFrom('float32', linear(0.5), words)).toEqual([0, 1, -3, 2000]);
  expect(wordsFrom('float32', linear(0.5), [0, 1, -3, 2000])).toEqual(words);
});

test('running levels are differences from the one before, over rows', () => {
  expect(levelsFrom('uint8', linear(10, true), [10, 12, 12, 3, 255])).toEqual([0, 2, 0, -9, 252]);
  expect(wordsFrom('uint8', linear(10, true), [0, 2, 0, -9, 252])).toEqual([10, 12, 12, 3, 255]);
  const map = levelMap(linear(0, true), elements.uint8);
  const words = new Uint8Array(2);
  map.words(Int32Array.of(5, 1), words, 2);
  map.words(Int32Array.of(5, 1), words, 2);
  expect([...words]).toEqual([11, 12]);
  const back = levelMap(linear(0, true), elements.uint8);
  const levels = new Int32Array(2);
  back.levels(Uint8Array.of(5, 6), levels, 2);
  back.levels(Uint8Array.of(11, 12), levels, 2);
  expect([...levels]).toEqual([5, 1]);
});

test.each(Object.entries(elements))('places of %s are ascending in value, and lead back', (type, each) => {
  const top = 2 ** (8 * each.size);
  const numberOf = (word: number): number => {
    if (type === 'float32') return new Float32Array(Uint32Array.of(word).buffer)[0]!;
    if (type === 'int32') return word | 0;
    if (type !== 'float16') return word;
    const [exponent, fraction] = [(word >> 10) & 31, word & 1023];
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
    return word >= 0x8000 ? -magnitude : magnitude;
  };
  fc.assert(
    fc.property(fc.integer({min: 0, max: top - 1}), fc.integer({min: 0, max: top - 1}), (a, b) => {
      const [p, q] = [placeOfWord(each, a), placeOfWord(each, b)];
      expect([wordAtPlace(each, p), wordAtPlace(each, q)]).toEqual([a, b]);
      expect(Math.min(p, q)).toBeGreaterThanOrEqual(0);
      expect(Math.max(p, q)).toBeLessThan(top);
      const [x, y] = [numberOf(a), numberOf(b)];
      if (x < y) expect(p).toBeLessThan(q);
      if (x > y) expect(p).toBeGreaterThan(q);
    }),
    {
      seed: 8,
      examples: [
        [0, top / 2],
        [top / 2 - 1, top / 2],
        [top - 1, 0],
        [1, 0],
      ],
    },
  );
  if (type.startsWith('float')) expect([placeOfWord(each, top / 2), placeOfWord(each, 0)]).toEqual([0, top / 2]);
});

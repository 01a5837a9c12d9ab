import {expect, test} from 'vitest';
import {show} from './show.ts';

const circle: Record<string, unknown> = {};
circle['itself'] = circle;
/** Each level holds the one below twice: short to write, endless to print. */
let doubled: unknown = 1;
for (let i = 0; i < 60; i++) doubled = [doubled, doubled];

test.each<[unknown, string]>([
  ['text', '"text"'],
  [2.5, '2.5'],
  [Number.NaN, 'NaN'],
  [[1, Number.POSITIVE_INFINITY], '[1,Infinity]'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{a: [true]}, '{"a":[true]}'],
  [() => 1, 'a function'],
  [circle, 'a value of type object'],
  [12n, '"12"'],
  [{toString: 1, valueOf: 1}, '{"toString":1,"valueOf":1}'],
])('%# is shown', (value, text) => {
  expect(show(value)).toBe(text);
});

test('what is long is cut', () => {
  expect(show('x'.repeat(1000))).toHaveLength(120);
  expect(show(doubled).length).toBeLessThanOrEqual(120);
  expect(show(new Float32Array(1e5)).length).toBeLessThanOrEqual(120);
});

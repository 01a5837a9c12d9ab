import fc from 'fast-check';
import {expect, test} from 'vitest';
import {planMemory} from './memory-plan.ts';
import type {Region} from './value.ts';

interface Life {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

const STEPS = 12;
const lives: fc.Arbitrary<Life[]> = fc.array(
  fc
    .record({
      bytes: fc.integer({min: 1, max: 2000}),
      first: fc.integer({min: -1, max: STEPS - 1}),
      length: fc.integer({min: 0, max: STEPS}),
      output: fc.boolean(),
    })
    .map(({bytes, first, length, output}) => ({
      ...{bytes, first},
      last: output ? Number.POSITIVE_INFINITY : Math.min(STEPS - 1, first + length),
    })),
  {maxLength: 40},
);
const regionsOf = (list: readonly Life[]): Region[] => list.map(life => ({...life, offset: 0}));

test('regions that are live together never share bytes, and the plan holds them all', () => {
  fc.assert(
    fc.property(lives, list => {
      const regions = regionsOf(list);
      const {pages} = planMemory([], regions, STEPS, 100);
      for (const [i, a] of regions.entries()) {
        expect(a.offset + a.bytes).toBeLessThanOrEqual(pages * 65536);
        for (const b of regions.slice(0, i)) {
          const together = a.first <= b.last && b.first <= a.last;
          const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
          expect(!together || apart).toBe(true);
        }
      }
    }),
  );
});

test('regions one after another share bytes', () => {
  const chain = Array.from({length: STEPS}, (_, i) => ({bytes: 640, first: i, last: i + 1}));
  expect(planMemory([], regionsOf(chain), STEPS, 100).activationBytes).toBe(1280);
});

/** How often the plan reads where or when regions are. */
function looksAt(lifeOf: (i: number, count: number) => Life, count: number): number {
  let looks = 0;
  const regions = Array.from({length: count}, (_, i): Region => {
    const {bytes, first, last} = lifeOf(i, count);
    let place = 0;
    return {
      bytes,
      first,
      last,
      get offset() {
        looks++;
        return place;
      },
      set offset(value) {
        place = value;
      },
    };
  });
  planMemory([], regions, count, 100);
  return looks;
}

test.each<[string, (i: number, count: number) => Life, number]>([
  ['one after another', i => ({bytes: 64 + (i % 7) * 64, first: i, last: i + 1}), 8_000],
  ['all to the end', i => ({bytes: 64 + (i % 7) * 64, first: i, last: Number.POSITIVE_INFINITY}), 8_000],
])('the work for regions %s grows as they do', (_, lifeOf, count) => {
  const half = looksAt(lifeOf, count);
  expect(looksAt(lifeOf, 2 * count)).toBeLessThan(3 * half);
});

import fc from 'fast-check';
import {expect, test} from 'vitest';
import {codeMixed, codeMixedFive, codeMixedThree, mixture} from './mixture.ts';
import {rangeEncoder} from './range-encoder.ts';

const SLOTS = 32;

/** Bits, each with different slots, and the set of weights that it is mixed by. */
const bits = (inputs: number) =>
  fc.array(
    fc.record({
      bit: fc.constantFrom(0, 1),
      slots: fc.uniqueArray(fc.nat(SLOTS - 1), {minLength: inputs, maxLength: inputs}),
      set: fc.nat(1),
    }),
    // So many that slots and weights settle down.
    {minLength: 1, maxLength: 2500, size: 'max'},
  );

test('the unrolled mixer of five inputs codes as the general one', () => {
  fc.assert(
    fc.property(bits(5), coded => {
      const [general, unrolled] = [mixture(SLOTS, 5, 1), mixture(SLOTS, 5, 1)];
      const [a, b] = [rangeEncoder(), rangeEncoder()];
      for (const {bit, slots} of coded) {
        general.index.set(slots);
        codeMixed(general, 0, a, bit);
        const [p, q, r, s, t] = slots as [number, number, number, number, number];
        codeMixedFive(unrolled, b, bit, p, q, r, s, t);
      }
      expect(b.finish()).toEqual(a.finish());
      for (const state of ['slots', 'weights', 'coded'] as const) expect(unrolled[state]).toEqual(general[state]);
    }),
    {numRuns: 20},
  );
});

test('the unrolled mixer of three inputs codes as the general one, in every set and whenever slots stop slowing down', () => {
  fc.assert(
    fc.property(bits(3), fc.constantFrom(30, 255, 1023), (coded, seenMax) => {
      const [general, unrolled] = [mixture(SLOTS, 3, 2, seenMax), mixture(SLOTS, 3, 2, seenMax)];
      const [a, b] = [rangeEncoder(), rangeEncoder()];
      for (const {bit, slots, set} of coded) {
        general.index.set(slots);
        codeMixed(general, set, a, bit);
        const [p, q, r] = slots as [number, number, number];
        codeMixedThree(unrolled, set, b, bit, p, q, r);
      }
      expect(b.finish()).toEqual(a.finish());
      for (const state of ['slots', 'weights', 'coded'] as const) expect(unrolled[state]).toEqual(general[state]);
    }),
    {numRuns: 20},
  );
});

import fc from 'fast-check';
import {expect, test} from 'vitest';
import {seeded} from '../../../../testing/seeded.ts';
import {rangeDecoder} from './range-decoder.ts';
import {rangeEncoder} from './range-encoder.ts';

type Step = {readonly bit: number; readonly p: number} | {readonly value: number; readonly count: number};

const steps = fc.array(
  fc.oneof(
    fc.record({
      bit: fc.constantFrom(0, 1),
      p: fc.oneof(fc.constantFrom(1, 2, 65535, 32768), fc.integer({min: 1, max: 65535})),
    }),
    fc
      .integer({min: 0, max: 32})
      .chain(count => fc.record({count: fc.constant(count), value: fc.integer({min: 0, max: 2 ** count - 1})})),
  ),
  {maxLength: 400},
);

function encoded(all: readonly Step[]): Uint8Array {
  const coder = rangeEncoder(1);
  for (const step of all) {
    if ('bit' in step) coder.bit(step.bit, step.p);
    else coder.raw(step.value, step.count);
  }
  return coder.finish();
}

test('bits of any probability and raw numbers come back', () => {
  fc.assert(
    fc.property(steps, all => {
      const coder = rangeDecoder(encoded(all));
      for (const step of all) {
        if ('bit' in step) expect(coder.bit(0, step.p)).toBe(step.bit);
        else expect(coder.raw(0, step.count)).toBe(step.value);
      }
      coder.finish();
    }),
    {numRuns: 100, seed: 1},
  );
});

test('a carry runs back over bytes of 255', () => {
  // Ones keep the low end, zeros raise it: a long climb to the very top and one step over it.
  for (let length = 0; length < 200; length += 7) {
    const all: Step[] = [...Array.from({length}, () => ({bit: 0, p: 1})), {bit: 1, p: 65535}, {value: 1, count: 9}];
    const coder = rangeDecoder(encoded(all));
    const decoded = all.map(step =>
      'bit' in step ? {...step, bit: coder.bit(0, step.p)} : {...step, value: coder.raw(0, step.count)},
    );
    expect(decoded).toEqual(all);
  }
});

test.each([0.5, 0.1, 0.01, 0.001])('bits of probability %d cost their entropy', probability => {
  const random = seeded(2);
  const p = Math.round(probability * 65536);
  const coder = rangeEncoder();
  let bits = 0;
  for (let i = 0; i < 200_000; i++) {
    const bit = random() < probability ? 1 : 0;
    coder.bit(bit, p);
    bits -= Math.log2((bit === 1 ? p : 65536 - p) / 65536);
  }
  const bytes = coder.finish().length;
  expect(bytes).toBeGreaterThanOrEqual(Math.floor(bits / 8));
  expect(bytes).toBeLessThan((bits / 8) * 1.001 + 3);
});

test('a stream that is cut short, or goes on, is refused', () => {
  const random = seeded(3);
  const all: Step[] = Array.from({length: 500}, () => ({value: Math.floor(random() * 256), count: 8}));
  const bytes = encoded(all);
  const short = rangeDecoder(bytes.subarray(0, 400));
  const readAll = (): void => {
    for (const _ of all) short.raw(0, 8);
  };
  expect(readAll).toThrow(expect.objectContaining({code: 'corrupt-file'}));
  const long = rangeDecoder(Uint8Array.of(...bytes, 0, 0, 0, 0, 1));
  for (const _ of all) long.raw(0, 8);
  expect(() => long.finish()).toThrow(expect.objectContaining({code: 'corrupt-file'}));
});

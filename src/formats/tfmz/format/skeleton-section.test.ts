import fc from 'fast-check';
import {expect, test} from 'vitest';
import {seeded} from '../../../../testing/seeded.ts';
import {atOnce} from '../../../pace.ts';
import {BYTE, BYTE_MODEL, COPY} from '../coder/costs.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import {meterOf} from './meter.ts';
import {decodeSkeleton, encodeSkeleton, filledSkeleton, skeletonOf} from './skeleton-section.ts';
import type {Place} from './tensor/stretch.ts';

const decoded = (payload: Uint8Array, maxBytes = 2 ** 32, decisions?: number) =>
  atOnce(decodeSkeleton(payload, maxBytes, meterOf(decisions)));

test('a file of any bytes comes back from its skeleton and its weights', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({maxLength: 400}),
      fc.array(fc.nat(400), {maxLength: 12}),
      fc.constantFrom('onnx', 'tflite', ''),
      (file, cuts, format) => {
        const edges = cuts.map(cut => cut % (file.length + 1)).sort((a, b) => a - b);
        const places: Place[] = [];
        for (let i = 0; i + 1 < edges.length; i += 2) places.push({from: edges[i]!, to: edges[i + 1]!});
        const skeleton = skeletonOf(format, file, places);
        const again = decoded(atOnce(encodeSkeleton(skeleton, meterOf())));
        expect(again).toEqual(skeleton);
        const weights = places.map(({from, to}) => file.subarray(from, to));
        expect(filledSkeleton(again, weights)).toEqual(file);
      },
    ),
    {numRuns: 60, seed: 4},
  );
});

test('what stands around weights costs as little as text does, and weights nothing', () => {
  const random = seeded(6);
  const layer = (i: number): Uint8Array =>
    new TextEncoder().encode(`{"name":"layer_${i}","op":"Conv","pads":[1,1,1,1]}`);
  const parts: Uint8Array[] = [];
  const places: Place[] = [];
  let at = 0;
  for (let i = 0; i < 40; i++) {
    const weight = Uint8Array.from({length: 5000}, () => random() * 256);
    at += layer(i).length;
    places.push({from: at, to: at + weight.length});
    at += weight.length;
    parts.push(layer(i), weight);
  }
  const payload = atOnce(encodeSkeleton(skeletonOf('onnx', Buffer.concat(parts), places), meterOf()));
  expect(payload.length).toBeLessThan(400);
  expect(decoded(payload).places).toEqual(places);
});

test('places that overlap or leave the file are refused, and weights of another length', () => {
  const file = new Uint8Array(10);
  for (const places of [
    [
      {from: 0, to: 5},
      {from: 4, to: 6},
    ],
    [{from: 5, to: 11}],
    [{from: 5, to: 4}],
  ])
    expect(() => skeletonOf('onnx', file, places)).toThrow(expect.objectContaining({code: 'invalid-argument'}));
  const skeleton = skeletonOf('onnx', file, [{from: 2, to: 5}]);
  expect(() => filledSkeleton(skeleton, [new Uint8Array(4)])).toThrow(
    expect.objectContaining({code: 'invalid-weights'}),
  );
  expect(() => filledSkeleton(skeleton, [])).toThrow(expect.objectContaining({code: 'invalid-weights'}));
});

test('a payload that declares too much is refused before memory is taken', () => {
  const coder = rangeEncoder();
  coder.raw(0, 1);
  for (let i = 0; i < 31; i++) coder.raw(1, 1);
  coder.raw(0, 31);
  coder.raw(0, 9);
  const payload = coder.finish();
  expect(() => decoded(payload, 256e6)).toThrow(expect.objectContaining({code: 'memory-limit'}));
  expect(() => decoded(payload, 2 ** 32, 5e7)).toThrow(expect.objectContaining({code: 'memory-limit'}));
});

test('what a skeleton costs to write is what it costs to read, and not one decision less', () => {
  const file = Uint8Array.from({length: 1700}, (_, i) => i % 11);
  const cases: readonly (readonly [places: readonly Place[], around: number])[] = [
    [[], 1700],
    [[{from: 0, to: 1700}], 0],
    [[{from: 3, to: 90}], 1613],
    [Array.from({length: 40}, (_, i) => ({from: i * 20, to: i * 20 + 7})), 1420],
  ];
  for (const [places, around] of cases) {
    const cost = places.length * COPY + BYTE_MODEL[2] + around * BYTE;
    const [writing, reading] = [meterOf(), meterOf(cost)];
    const payload = atOnce(encodeSkeleton(skeletonOf('h5', file, places), writing));
    expect(atOnce(decodeSkeleton(payload, 1700, reading)).places).toEqual(places);
    expect([writing.spent, reading.spent]).toEqual([cost, cost]);
    expect(() => decoded(payload, 1700, cost - 1)).toThrow(expect.objectContaining({code: 'memory-limit'}));
    expect(() => decoded(payload, 1699)).toThrow(expect.objectContaining({code: 'memory-limit'}));
  }
});

test('damaged payloads are refused or decode to something sound', () => {
  const random = seeded(2);
  const file = Uint8Array.from({length: 300}, () => random() * 4);
  const payload = atOnce(encodeSkeleton(skeletonOf('h5', file, [{from: 50, to: 150}]), meterOf()));
  for (let i = 0; i < payload.length * 8; i++) {
    const damaged = payload.slice();
    damaged[i >> 3]! ^= 1 << (i & 7);
    try {
      const {size, places, around} = decoded(damaged, 1e6, 1e6);
      expect(places.reduce((rest, {from, to}) => rest - (to - from), size)).toBe(around.length);
    } catch (error) {
      expect(error).toMatchObject({name: 'TfmotError'});
    }
  }
});

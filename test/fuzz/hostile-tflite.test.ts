import {expect, test} from 'vitest';
import {isTfmotError, type TfmotError} from '../../src/errors.ts';
import {TFLITE} from '../../src/formats/tflite/format.ts';
import {graphOf} from '../../src/formats/tflite/graph.ts';
import {placesIn} from '../../src/formats/tflite/places.ts';
import {readModel} from '../../src/formats/tflite/read-model.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';
import {litertOutputs, tfliteSample} from '../formats/_tflite.ts';
import {mutatedTables, type TableFile} from './_binary-mutations.ts';

const FILES: readonly TableFile[] = [...litertOutputs('samples').keys()].map(name => {
  const bytes = tfliteSample(name);
  return {name, bytes, weights: placesIn(readModel(bytes))};
});
const COUNT = FULL ? 50_000 : 1000;

/** Reads all there is to read of a file; gives how many numbers came of it, or the error that refused it. */
function readAll(bytes: Uint8Array): number | TfmotError {
  try {
    const model = readModel(bytes);
    let numbers = 0;
    for (const {from, to, decode} of placesIn(model)) numbers += decode!(bytes.subarray(from, to)).length;
    quantizeFirst(bytes);
    const weights = new Set<Float32Array>();
    for (const op of graphOf(model).ops)
      for (const part of Object.values(op)) {
        const {data} = (part ?? {}) as {data?: unknown};
        if (data instanceof Float32Array) weights.add(data);
      }
    for (const {length} of weights) numbers += length;
    return numbers;
  } catch (error) {
    if (isTfmotError(error)) return error;
    throw new Error(`A file must be read or refused: ${Buffer.from(bytes).toString('base64')}`, {cause: error});
  }
}

/** Writes the file anew with one weight in 8 bits; what comes out must be as sound as what went in. */
function quantizeFirst(bytes: Uint8Array): void {
  const weight = placesIn(readModel(bytes)).find(({dtype}) => dtype === 'float32' || dtype === 'float16');
  if (weight === undefined) return;
  const elements = weight.shape.reduce((product, size) => product * size, 1);
  const levels = {levels: new Int8Array(elements), scales: Float32Array.of(1), axis: 0};
  let written: Uint8Array;
  try {
    written = TFLITE.withLevels!(bytes, new Map([[weight.name, levels]])).file;
  } catch (error) {
    if (!isTfmotError(error)) throw error;
    return;
  }
  expect(readModel(written).graphs.length).toBe(readModel(bytes).graphs.length);
}

test(`${COUNT} mutated files are refused with a TfmotError or read, within bounds`, () => {
  const random = seeded(9);
  const refused: Record<string, number> = {};
  let read = 0;
  for (let i = 0; i < COUNT; i++) {
    const bytes = mutatedTables(FILES, random);
    const fate = readAll(bytes);
    if (typeof fate !== 'number') refused[fate.code] = (refused[fate.code] ?? 0) + 1;
    else {
      read++;
      expect(fate).toBeLessThan(bytes.length * 1100 + 2 ** 20);
    }
  }
  expect(refused['corrupt-file']).toBeGreaterThan(COUNT / 5);
  expect(refused['unsupported-layer']).toBeGreaterThan(0);
  expect(read).toBeGreaterThan(COUNT / 20);
});

test('every truncation is refused', () => {
  for (const {name, bytes} of FILES.slice(0, 8)) {
    for (let length = 0; length < bytes.length - 64; length += FULL ? 1 : 7) {
      const fate = readAll(bytes.subarray(0, length));
      expect(fate, `${length} of ${name}`).not.toBeTypeOf('number');
    }
  }
});

test('the message says at which byte the file is damaged', () => {
  const bytes = tfliteSample('f-conv.tflite');
  new DataView(bytes.buffer).setUint32(0, bytes.length, true);
  expect(() => readModel(bytes)).toThrow(
    expect.objectContaining({code: 'corrupt-file', message: expect.stringContaining('byte 0')}),
  );
});

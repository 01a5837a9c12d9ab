import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {ROUNDED_ROLES} from '../../src/artifacts/roles.ts';
import {reasonToKeep} from '../../src/artifacts/selection.ts';
import {compress, compressWithReport, decompress} from '../../src/compression/index.ts';
import {open} from '../../src/formats/index.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const bytesOf = (path: string): Uint8Array => Uint8Array.from(readFileSync(new URL(path, FIXTURES)));

/** A model file of each kind, and of those that store weights in their own ways. */
const FILES = [
  'keras-files/half.k2.h5',
  'keras-files/no_input.k3.h5',
  'keras-files/half.k3.keras',
  'keras-files/cnn_deflated.k3.keras',
  'keras-files/cnn_pieces.k3.keras',
  ...['f32', 'f16', 'dyn', 'int8'].map(kind => `tflite/samples/tiny-${kind}.tflite`),
].filter(path => existsSync(new URL(path, FIXTURES)));

describe.each(FILES)('%s', file => {
  test('comes out of its .tfmz byte for byte', async () => {
    const bytes = bytesOf(file);
    const packed = await compress(await open(bytes));
    const again = await open(packed);
    expect([...(await again.save()).values()]).toEqual([bytes]);
    expect(again.format).toBe((await open(bytes)).format);
    expect(packed.length).toBeLessThan(bytes.length);
  });

  test('rounded, its weighted ops alone have other weights', async () => {
    const model = await open(bytesOf(file));
    const {bytes, model: decoded, weights} = await compressWithReport(model, {step: 'auto'});
    const again = await open(bytes);
    const rounded = new Set(weights.filter(({error}) => error !== undefined).map(({name}) => name));
    expect(rounded.size).toBeGreaterThan(0);
    const [now, said] = [again, decoded].map(({weights: all}) => new Map(all.map(weight => [weight.name, weight])));
    for (const weight of model.weights) {
      expect(now!.get(weight.name)!.dtype).toBe(weight.dtype);
      expect(now!.get(weight.name)!.values()).toEqual(said!.get(weight.name)!.values());
      if (!rounded.has(weight.name)) expect(now!.get(weight.name)!.values()).toEqual(weight.values());
      else expect(reasonToKeep(weight, ROUNDED_ROLES)).toBe(null);
    }
  });
});

test('what TensorFlow.js does not load is refused as artifacts, and given back as a file', async () => {
  const file = FILES.find(name => name.endsWith('.tflite'));
  if (file === undefined) return;
  const packed = await compress(await open(bytesOf(file)));
  await expect(decompress(packed)).rejects.toThrow(/tflite.*TensorFlow.js does not load.*save\(\)/);
});

test('a Keras file in a .tfmz decompresses to artifacts', async () => {
  const file = FILES.find(name => name.endsWith('.h5'))!;
  const model = await open(bytesOf(file));
  expect(await decompress(await compress(model))).toEqual(model.artifacts);
});

/** Never made again: what people have saved stays readable. */
const SAVED = [
  ['tiny-int8.tflite.tfmz', 'tflite/samples/tiny-int8.tflite'],
  ['half.k3.keras.tfmz', 'keras-files/half.k3.keras'],
] as const;

test.each(SAVED)('%s, saved long ago, gives its file back', async (saved, original) => {
  const model = await open(bytesOf(`tfmz-files/${saved}`));
  expect([...(await model.save()).values()]).toEqual([bytesOf(original)]);
});

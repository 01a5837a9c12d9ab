import {readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import {beforeAll, expect, test} from 'vitest';
import {loadMnist, pixelsOf} from '../../examples/mnist/data.ts';
import {compile} from '../../src/inference/index.ts';
import type {ConvertOptions} from '../../src/tflite/index.ts';
import {convert} from '../../src/tflite/index.ts';
import {runIn} from './_runtimes.ts';

/** The trained classifier of digits, nine tenths of whose weights are zero. */
const MODEL = new Uint8Array(
  readFileSync(new URL('../../bench/results/size/mnist-cnn-90-lossless.tfmz', import.meta.url)),
);
const IMAGES = 1000;
const CLASSES = 10;

let pixels: Float32Array;
let labels: readonly number[];
let calibration: Float32Array;
let wanted: readonly number[];

beforeAll(async () => {
  const {train, test: digits} = await loadMnist();
  const chosen = Array.from({length: IMAGES}, (_, i) => i * 10);
  pixels = pixelsOf(digits, chosen);
  labels = chosen.map(i => digits.labels[i]!);
  calibration = pixelsOf(
    train,
    Array.from({length: 200}, (_, i) => i * 300),
  );
  const engine = await compile(MODEL, {batchSize: 50});
  wanted = largest(await engine.predict(pixels));
  engine.dispose();
});

/** Options, what the file may take in bytes, raw and by gzip, and the share of digits that must be told as before. */
const FORMS: readonly (readonly [
  name: string,
  options: ConvertOptions & {readonly integer?: true},
  raw: number,
  gzip: number,
  agreement: number,
])[] = [
  ['all weights as floats', {sparsity: 'off'}, 13.2e6, 13.2e6, 1],
  ['floats without zeros', {}, 2.06e6, 1.8e6, 1],
  ['halves without zeros', {weights: 'float16'}, 1.4e6, 1.3e6, 0.999],
  ['8 bits without zeros', {weights: 'int8'}, 1.06e6, 0.8e6, 0.99],
  ['whole numbers', {integer: true}, 3.4e6, 0.8e6, 0.99],
];

test.each(FORMS)('the trained classifier as %s tells digits as before', async (_, options, raw, gzip, agreement) => {
  const {integer, ...rest} = options;
  const fullInteger = integer && {fullInteger: {data: calibration}};
  const file = await convert(MODEL, {...rest, ...fullInteger, batchSize: IMAGES});
  expect(file.length).toBeLessThan(raw);
  expect(gzipSync(file, {level: 9}).length).toBeLessThan(gzip);
  const [outputs] = await runIn('litert', [
    {file, inputs: [{type: 'float32', shape: [IMAGES, 28, 28, 1], values: pixels}]},
  ]);
  if (typeof outputs === 'string') throw new Error(outputs);
  const got = largest(outputs![0]!);
  expect(shareOfEqual(got, wanted)).toBeGreaterThanOrEqual(agreement);
  expect(shareOfEqual(got, labels)).toBeGreaterThanOrEqual(shareOfEqual(wanted, labels) - 0.003);
});

/** The most probable class of each example. */
function largest(probabilities: Float32Array): number[] {
  return Array.from({length: probabilities.length / CLASSES}, (_, i) => {
    const row = probabilities.subarray(i * CLASSES, (i + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  });
}

function shareOfEqual(a: readonly number[], b: readonly number[]): number {
  return a.filter((value, i) => value === b[i]).length / a.length;
}

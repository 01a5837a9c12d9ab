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
  ['floats', {sparsity: 'off'}, 13.2e6, 13.2e6, 1],
  ['floats without zeros', {}, 2e6, 1.8e6, 1],
  ['halves without zeros', {weights: 'float16'}, 1.4e6, 1.2e6, 0.999],
  ['8 bits without zeros', {weights: 'int8'}, 1.01e6, 0.8e6, 0.99],
  ['8 bits, as small as may be', {weights: 'int8', sparsity: 'size'}, 1e6, 0.7e6, 0.99],
  ['whole numbers', {integer: true}, 3.4e6, 0.7e6, 0.99],
];

test('the trained classifier tells digits as before, in every form', async () => {
  const files: Uint8Array[] = [];
  for (const [, {integer, ...options}] of FORMS) {
    const fullInteger = integer && {fullInteger: {data: calibration}};
    files.push(await convert(MODEL, {...options, ...fullInteger, batchSize: IMAGES}));
  }
  const input = {type: 'float32', shape: [IMAGES, 28, 28, 1], values: pixels} as const;
  const outputs = await runIn(
    'litert',
    files.map(file => ({file, inputs: [input]})),
  );
  FORMS.forEach(([name, , raw, gzip, agreement], i) => {
    const [probabilities] = outputs[i]! as readonly Float32Array[];
    expect(probabilities, name).toBeInstanceOf(Float32Array);
    expect(files[i]!.length, name).toBeLessThanOrEqual(raw);
    expect(gzipSync(files[i]!).length, name).toBeLessThanOrEqual(gzip);
    const got = largest(probabilities!);
    expect(shareOfEqual(got, wanted), name).toBeGreaterThanOrEqual(agreement);
    expect(shareOfEqual(got, labels), name).toBeGreaterThanOrEqual(shareOfEqual(wanted, labels) - 0.003);
  });
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

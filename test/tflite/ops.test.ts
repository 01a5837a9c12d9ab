import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {runLitert} from './_litert.ts';
import {expectSame} from './_models.ts';
import {SPARSE_GRAPHS} from './_sparse-graphs.ts';
import {fileOf, INTEGER, OPS, STORAGE} from './_tables.ts';

checkLeaks();

describe.each([
  ['every op', OPS],
  ['weights in every form', STORAGE],
  ['every op on whole numbers', INTEGER],
])('%s, as LiteRT computes it, is what TensorFlow.js computes', (_, rows) => {
  const results: (() => void)[] = [];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    const files: Awaited<ReturnType<typeof fileOf>>[] = [];
    for (const row of rows) files.push(await fileOf(row));
    const outputs = await runLitert(files.map(({job}) => job));
    files.forEach(({want}, i) => {
      results.push(() => expectSame(outputs[i]!, want, rows[i]!.tolerance));
    });
  });

  test.each(rows.map(({title}, i) => [title, i] as const))('%s', (_title, i) => {
    results[i]!();
  });
});

test('the native interpreter computes every file as TensorFlow.js does, with either kernels', () => {
  const path = new URL('../fixtures/tflite/native.json', import.meta.url);
  const {interpreter, ...native} = JSON.parse(readFileSync(path, 'utf8'));
  expect(interpreter).toMatch(/^ai-edge-litert /);
  for (const {title, tolerance} of [...OPS, ...STORAGE, ...INTEGER, ...SPARSE_GRAPHS]) {
    expect(native[title]?.plain, title).toBeLessThanOrEqual(tolerance);
    expect(native[title]?.xnnpack, title).toBeLessThanOrEqual(tolerance);
  }
});

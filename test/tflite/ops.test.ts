import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {runLitert} from './_litert.ts';
import {expectSame} from './_models.ts';
import {fileOf, OPS, STORAGE} from './_tables.ts';

checkLeaks();

describe.each([
  ['every op', OPS],
  ['weights in every form', STORAGE],
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

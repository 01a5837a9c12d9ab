import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {runLitert} from './_litert.ts';
import {expectSame} from './_models.ts';
import {SPARSE_GRAPHS} from './_sparse-graphs.ts';
import {fileOf} from './_tables.ts';

checkLeaks();

describe('sparse files, each in a process of its own, compute what their dense twins do', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each(SPARSE_GRAPHS.map(row => [row.title, row] as const))('%s', async (_title, row) => {
    const {job, want} = await fileOf(row);
    const [got] = await runLitert([job]);
    expectSame(got!, want, row.tolerance);
  });
});

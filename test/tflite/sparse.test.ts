import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {fullRun, unmet} from '../_needs.ts';
import {expectSame} from './_models.ts';
import type {Runtime} from './_runtimes.ts';
import {oldestRuntime, runIn} from './_runtimes.ts';
import {SPARSE_GRAPHS} from './_sparse-graphs.ts';
import type {Row} from './_tables.ts';
import {fileOf} from './_tables.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Those whose numbers would be wrong in other forms, or nearly so, come first. */
const isNear = ({title}: Row): boolean => /^(padded by one|same, odd).*float32$/.test(title);
const NEAR = SPARSE_GRAPHS.filter(isNear);
const FAR = SPARSE_GRAPHS.filter(row => !isNear(row));

describe('sparse files compute in LiteRT what their dense twins do', () => proveIn('litert', NEAR));

describe.skipIf(!fullRun.isMet)(`and so do their neighbours${unmet(fullRun)}`, () => proveIn('litert', FAR));

describe.skipIf(!oldestRuntime.isMet || !fullRun.isMet)(
  `and in the oldest runtime${unmet(oldestRuntime, fullRun)}`,
  () => proveIn('tfjs-tflite', SPARSE_GRAPHS),
);

/** Each file has a process of its own. */
function proveIn(runtime: Runtime, rows: readonly Row[]): void {
  test.each(rows.map(row => [row.title, row] as const))('%s', async (_title, row) => {
    const {job, want} = await fileOf(row);
    const [got] = await runIn(runtime, [job]);
    expectSame(got!, want, row.tolerance);
  });
}

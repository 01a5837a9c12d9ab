import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {fullRun, unmet} from '../_needs.ts';
import {expectSame} from './_models.ts';
import type {Runtime} from './_runtimes.ts';
import {oldestRuntime, runIn} from './_runtimes.ts';
import {SPARSE_GRAPHS} from './_sparse-graphs.ts';
import type {Row} from './_tables.ts';
import {FUSED, fileOf, GRAPHS, INTEGER, OPS, STORAGE} from './_tables.ts';

checkLeaks();

const TABLES = [
  ['every op', OPS],
  ['ops that no layers make', GRAPHS],
  ['weights in every form', STORAGE],
  ['every op on whole numbers', INTEGER],
] as const;

describe.each(TABLES)('%s, as LiteRT computes it, is what TensorFlow.js computes', (_, rows) =>
  proveIn('litert', rows),
);

describe.skipIf(!oldestRuntime.isMet || !fullRun.isMet).each([...TABLES, ['recurrent operators', FUSED] as const])(
  `%s, in the oldest runtime${unmet(oldestRuntime, fullRun)}`,
  (_, rows) => proveIn('tfjs-tflite', rows),
);

test('the native interpreter computes every file as TensorFlow.js does, with either kernels', () => {
  const path = new URL('../fixtures/tflite/native.json', import.meta.url);
  const {interpreter, ...native} = JSON.parse(readFileSync(path, 'utf8'));
  expect(interpreter).toMatch(/^ai-edge-litert /);
  for (const {title, tolerance} of [...OPS, ...GRAPHS, ...FUSED, ...STORAGE, ...INTEGER, ...SPARSE_GRAPHS]) {
    expect(native[title]?.plain, title).toBeLessThanOrEqual(tolerance);
    expect(native[title]?.xnnpack, title).toBeLessThanOrEqual(tolerance);
  }
});

/** All files run in one process. */
function proveIn(runtime: Runtime, rows: readonly Row[]): void {
  const proofs: (() => void)[] = [];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    const files: Awaited<ReturnType<typeof fileOf>>[] = [];
    for (const row of rows) files.push(await fileOf(row));
    const outputs = await runIn(
      runtime,
      files.map(({job}) => job),
    );
    files.forEach(({want}, i) => {
      proofs.push(() => expectSame(outputs[i]!, want, rows[i]!.tolerance));
    });
  });

  test.each(rows.map(({title}, i) => [title, i] as const))('%s', (_title, i) => {
    proofs[i]!();
  });
}

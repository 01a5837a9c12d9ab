import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {compile} from '../../src/inference/index.ts';
import {convert} from '../../src/tflite/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {relativeError} from '../inference/_compare.ts';
import {fileOf, INTEGER, OPS, type Row, STORAGE} from '../tflite/_tables.ts';
import {litertInputs, litertOutputs, run, tfliteSample} from './_tflite.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Expects a written file, opened again, to compute what TensorFlow.js does. */
async function expectRoundTrip(row: Row): Promise<void> {
  const {job, want} = await fileOf(row);
  const model = await open(job.file);
  const engine = await compile(model);
  const names = (await model.graph()).inputs.map(({name}) => name);
  const given = Object.fromEntries(names.map((name, i) => [name, Float32Array.from(job.inputs[i]!.values)]));
  const outputs = Object.values((await engine.predict(given)) as unknown as Record<string, Float32Array>);
  engine.dispose();
  expect(outputs.length).toBe(want.outputs.length);
  outputs.forEach((values, i) => {
    expect(relativeError(values, want.outputs[i]!), `output ${i}`).toBeLessThan(Math.max(row.tolerance, 1e-5));
  });
}

describe.each([
  ['every op', OPS],
  ['weights in every form', STORAGE],
  ['every op on whole numbers', INTEGER],
])('%s, written and opened again', (_, rows) => {
  test.each(rows.map(row => [row.title, row] as const))('%s', async (_title, row) => expectRoundTrip(row));
});

const FLOATS = [...litertOutputs('samples').keys()].filter(
  name => /^(f|r|dynb|H)-|f32|f16/.test(name) && name !== 'r-gru.tflite',
);

describe('a file that was opened, written and opened again is the same graph', () => {
  test.each(FLOATS)('%s', async name => {
    const bytes = tfliteSample(name);
    const model = await open(bytes);
    const again = await open(await convert(model, {sparsity: 'off'}));
    const [before, after] = [await model.graph(), await again.graph()];
    // The writer unrolls recurrent layers, and has no operator for a normalisation.
    if (!/lstm_(last|seq)|bilstm|layernorm/.test(name))
      expect(after.ops.map(({type}) => type)).toEqual(before.ops.map(({type}) => type));
    const inputs = litertInputs(bytes);
    const renamed = Object.fromEntries(after.inputs.map((port, i) => [port.name, Object.values(inputs)[i]!]));
    const [first, second] = [await run(model, inputs), await run(again, renamed)];
    expect(second.length).toBe(first.length);
    second.forEach((values, i) => {
      expect(relativeError(values, first[i]!)).toBeLessThan(1e-6);
    });
  });
});

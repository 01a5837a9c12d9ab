import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {convert} from '../../src/tflite/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import type {Case} from '../inference/_cases.ts';
import {CASES} from '../inference/_cases.ts';
import {inputsOf, relativeError, setWeights} from '../inference/_compare.ts';
import type {Job} from './_litert.ts';
import {runLitert} from './_litert.ts';

checkLeaks();

/** Examples of a file, and of what it is given. */
const BATCH = 2;

describe('every op, as LiteRT computes it, is what TensorFlow.js computes', () => {
  const got = new Map<string, readonly Float32Array[] | string>();
  const want = new Map<string, readonly Float32Array[]>();

  beforeAll(async () => {
    await tf.setBackend('cpu');
    const jobs = [];
    for (const each of CASES) jobs.push({name: each[0], ...(await jobOf(each))});
    const outputs = await runLitert(jobs);
    jobs.forEach(({name, predicted}, i) => {
      got.set(name, outputs[i]!);
      want.set(name, predicted);
    });
  });

  test.each(CASES.map(([name]) => name))('%s', name => {
    const outputs = got.get(name)!;
    const predicted = want.get(name)!;
    if (typeof outputs === 'string') throw new Error(outputs);
    expect(outputs.length).toBe(predicted.length);
    outputs.forEach((values, i) => {
      expect(relativeError(values, predicted[i]!), `output ${i}`).toBeLessThan(1e-4);
    });
  });
});

/** A model of a case with seeded weights: its file, inputs for it, and what TensorFlow.js makes of them. */
async function jobOf([name, shape, make, entries]: Case): Promise<Job & {readonly predicted: Float32Array[]}> {
  const input = tf.input({shape: [...shape]});
  const output = [make()].flat().reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
  const model = tf.model({inputs: input, outputs: output});
  const random = seeded(name.length * 131 + shape.length);
  setWeights(model, random, {sparsity: 0});
  const inputs = inputsOf(model, BATCH, random, entries);
  const results = [model.predict(inputs)].flat() as tf.Tensor[];
  const predicted = results.map(tensor => Float32Array.from(tensor.dataSync()));
  const file = await convert(model, {batchSize: BATCH});
  const given = inputs.map(tensor => ({
    type: entries === undefined ? ('float32' as const) : ('int32' as const),
    shape: tensor.shape,
    values: tensor.dataSync(),
  }));
  tf.dispose([inputs, results]);
  model.dispose();
  return {file, inputs: given, predicted};
}

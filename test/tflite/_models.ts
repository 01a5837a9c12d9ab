import * as tf from '@tensorflow/tfjs';
import {expect} from 'vitest';
import type {ConvertOptions} from '../../src/tflite/index.ts';
import {convert} from '../../src/tflite/index.ts';
import type {Case} from '../inference/_cases.ts';
import {relativeError} from '../inference/_compare.ts';
import type {Job, JobInput} from './_runtimes.ts';

/** Inputs for a model, and what TensorFlow.js makes of them. */
export interface Expected {
  readonly inputs: readonly JobInput[];
  readonly outputs: readonly Float32Array[];
}

/** The model of a case: its layers one after the other. */
export function modelOf([, shape, make]: Case): tf.LayersModel {
  const input = tf.input({shape: [...shape]});
  const output = [make()].flat().reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
  return tf.model({inputs: input, outputs: output});
}

/** What a model makes of inputs, which are disposed; `whole` ones are indices. */
export function expected(model: tf.LayersModel, tensors: readonly tf.Tensor[], whole = false): Expected {
  const results = [model.predict([...tensors])].flat() as tf.Tensor[];
  const outputs = results.map(tensor => Float32Array.from(tensor.dataSync()));
  const type = whole ? ('int32' as const) : ('float32' as const);
  const inputs = tensors.map(tensor => ({type, shape: tensor.shape, values: tensor.dataSync()}));
  tf.dispose([...tensors, ...results]);
  return {inputs, outputs};
}

/** A model as a file, to run on inputs. */
export async function jobOf(model: tf.LayersModel, {inputs}: Expected, options: ConvertOptions = {}): Promise<Job> {
  return {file: await convert(model, {batchSize: inputs[0]!.shape[0]!, ...options}), inputs};
}

/** Expects the outputs of LiteRT to differ by no more than a share of the range of what is expected. */
export function expectSame(
  got: readonly Float32Array[] | string,
  {outputs}: Pick<Expected, 'outputs'>,
  tolerance: number,
): void {
  if (typeof got === 'string') throw new Error(got);
  expect(got.length).toBe(outputs.length);
  got.forEach((values, i) => {
    expect(relativeError(values, outputs[i]!), `output ${i}`).toBeLessThan(tolerance);
  });
}

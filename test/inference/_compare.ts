import * as tf from '@tensorflow/tfjs';
import {expect} from 'vitest';
import type {CompileOptions, Engine} from '../../src/inference/index.ts';
import {compile} from '../../src/inference/index.ts';

/** Both builds of the kernels where the host runs both. */
export const VARIANTS: readonly ('simd' | 'relaxed')[] = ['simd', 'relaxed'];

/** How weights are made: the share of zeros, and whether zeros come in `[1, 4]` blocks of outputs. */
export interface WeightRecipe {
  readonly sparsity: number;
  readonly block?: boolean;
}

/** Gives a model seeded weights: kernels with zeros, variances positive, everything small enough to stay in range. */
export function setWeights(model: tf.LayersModel, random: () => number, {sparsity, block = false}: WeightRecipe): void {
  const values = model.weights.map(weight => {
    const {shape, name} = weight as unknown as {shape: number[]; name: string};
    const size = shape.reduce((product, length) => product * length, 1);
    const isKernel = shape.length >= 2 && !/bias|alpha|embeddings/.test(name);
    const fanIn = isKernel ? (size / shape.at(-1)!) * (1 - sparsity) + 1 : 1;
    const data = new Float32Array(size);
    let kept = true;
    for (let i = 0; i < size; i++) {
      if (!block || i % 4 === 0) kept = random() >= sparsity;
      const value = (random() * 2 - 1) * Math.sqrt(2 / fanIn);
      data[i] = /variance/.test(name) ? 0.5 + random() : isKernel && !kept ? 0 : isKernel ? value : value / 2;
    }
    return tf.tensor(data, shape);
  });
  model.setWeights(values);
  tf.dispose(values);
}

/** Seeded inputs of a batch for a model; whole numbers below `entries` where that is given. */
export function inputsOf(model: tf.LayersModel, batch: number, random: () => number, entries?: number): tf.Tensor[] {
  return model.inputs.map(input => {
    const shape = [batch, ...(input.shape.slice(1) as number[])];
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({length: size}, () => (entries ? Math.floor(random() * entries) : random() * 4 - 2));
    return tf.tensor(data, shape);
  });
}

/** Largest difference, relative to the range of `want`. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let low = 0;
  let high = 0;
  let worst = got.length === want.length ? 0 : Infinity;
  for (let i = 0; i < want.length; i++) {
    low = Math.min(low, want[i]!);
    high = Math.max(high, want[i]!);
    const difference = Math.abs(got[i]! - want[i]!);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst / Math.max(high - low, 1e-6);
}

/** Compiles the model and expects what `model.predict` gives, on every variant and at batch sizes 1 and 2. */
export async function expectSame(
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  options: CompileOptions = {},
  runs: readonly {variant: 'simd' | 'relaxed'; batchSize: number}[] = [
    {variant: 'simd', batchSize: 1},
    {variant: 'relaxed', batchSize: 2},
  ],
): Promise<void> {
  const want = await predictions(model, inputs);
  const arrays = inputs.map(input => input.dataSync() as Float32Array);
  for (const run of runs) {
    const engine: Engine = await compile(model, {...options, ...run});
    const got = await engine.predict(arrays);
    engine.dispose();
    expect(got.length).toBe(want.length);
    got.forEach((values, i) => {
      expect(relativeError(values, want[i]!), `output ${i}, ${run.variant}, batch ${run.batchSize}`).toBeLessThan(1e-4);
    });
  }
}

async function predictions(model: tf.LayersModel, inputs: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const result = model.predict([...inputs]) as tf.Tensor | tf.Tensor[];
  const tensors = Array.isArray(result) ? result : [result];
  const values = tensors.map(tensor => Float32Array.from(tensor.dataSync()));
  tf.dispose(tensors);
  return values;
}

import {tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {computeMask} from '../src/masks/mask.ts';
import type {Pattern} from '../src/masks/pattern.ts';
import {normalValues} from './seeded.ts';

/** The weights that pruning removes from: matrices of dense, convolution and recurrent layers, no depthwise filters. */
const PRUNABLE = /\/(kernel|recurrent_kernel|pointwise_kernel)$/;

/**
 * Fills a model with normal values of He's variance, biases with small ones. Batch statistics keep their initial
 * values.
 */
export function seedWeights(model: LayersModel, seed: number): void {
  rewrite(model, (name, shape, values, index) => {
    if (name.includes('moving_') || name.endsWith('/gamma')) return values;
    const size = values.length;
    const inputs = name.endsWith('kernel') ? fanIn(name, shape) : 200;
    const fresh = normalValues(size, seed * 1000 + index);
    const scale = Math.sqrt(2 / inputs);
    for (let i = 0; i < size; ++i) fresh[i]! *= scale;
    return fresh;
  });
}

/** Sets the smallest weights of every prunable matrix of a model to zero. */
export function pruneWeights(model: LayersModel, pattern: Pattern, zeros: number): void {
  if (zeros === 0) return;
  rewrite(model, (name, shape, values) => {
    if (!PRUNABLE.test(name)) return values;
    const {mask} = computeMask(values, shape, pattern, zeros);
    const pruned = new Float32Array(values.length);
    for (let i = 0; i < pruned.length; ++i) pruned[i] = mask[i] === 0 ? 0 : values[i]!;
    return pruned;
  });
}

type Rewrite = (name: string, shape: readonly number[], values: Float32Array, index: number) => Float32Array;

function rewrite(model: LayersModel, change: Rewrite): void {
  for (const [index, weight] of model.weights.entries()) {
    const name = weight.originalName.replace(/_\d+$/, '');
    const shape = weight.shape as number[];
    const values = weight.read().dataSync() as Float32Array;
    tidy(() => {
      weight.write(tensor(change(name, shape, values, index), shape));
    });
  }
}

/** Products that one output sums up. */
function fanIn(name: string, shape: readonly number[]): number {
  if (name.endsWith('depthwise_kernel')) return shape[0]! * shape[1]!;
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

/** The fraction of a model's weights that are zero. */
export function countZeros(model: LayersModel): number {
  let zeros = 0;
  let all = 0;
  for (const weight of model.weights) {
    for (const value of weight.read().dataSync()) if (value === 0) ++zeros;
    all += weight.shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  }
  return zeros / all;
}

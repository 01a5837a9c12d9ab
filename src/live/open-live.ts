import {tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {artifactsOf} from '../artifacts/artifacts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import type {OpenArtifacts} from '../formats/artifacts-model.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {assign} from './weights.ts';

/**
 * Opens a live model as a copy of it, without its optimizer: what is done to the copy leaves the model as it is.
 *
 * @throws TfmotError `unsupported-model` when `model` is no `tf.LayersModel`.
 *
 * @example
 * const {model: pruned} = await pruneOneShot(await openLive(model), {sparsity: 0.5});
 * setLiveWeights(model, pruned);
 */
export async function openLive(model: LayersModel): Promise<OpenArtifacts> {
  return openArtifacts(await artifactsOf(model));
}

/**
 * Writes the weights of an open model into a live one of the same weights, dequantised where they are levels.
 *
 * @throws TfmotError `invalid-weights` when the two have not the same weights; then nothing is written.
 */
export function setLiveWeights(model: LayersModel, {weights}: OpenModel): void {
  const given = new Map(weights.map(weight => [weight.name, weight]));
  for (const {originalName, shape} of model.weights) {
    const weight = given.get(originalName);
    if (
      weight !== undefined &&
      weight.shape.length === shape.length &&
      weight.shape.every((size, i) => size === shape[i])
    )
      continue;
    throw new TfmotError(
      'invalid-weights',
      `Both models must have the same weights, but '${originalName}' of shape [${shape}] is ${weight === undefined ? 'missing' : `[${weight.shape}]`} in the one opened.`,
    );
  }
  for (const variable of model.weights) {
    const {shape, values} = given.get(variable.originalName)!;
    const value = tensor(values().slice(), [...shape]);
    assign(variable, value);
    value.dispose();
  }
}

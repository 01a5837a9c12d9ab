import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {openArtifacts} from './open-artifacts.ts';

/** A finished model in the forms in which techniques take it. */
export type GivenModel = OpenModel | SavableModel | ModelArtifacts;

/**
 * The open model that a technique was given, or one of its artifacts.
 *
 * @throws TfmotError `unsupported-model` for anything else, `invalid-topology` or `invalid-weights`.
 */
export async function openGiven(model: GivenModel): Promise<OpenModel> {
  return isOpen(model) ? model : openArtifacts(await artifactsOf(model));
}

/** Whether a model is open. */
export function isOpen(model: unknown): model is OpenModel {
  return typeof (model as Partial<OpenModel> | undefined)?.withWeights === 'function';
}

/**
 * The artifacts of an open model, for what needs them.
 *
 * @param what Who needs them, as the subject of the message.
 * @throws TfmotError `unsupported-model` for a file of another toolkit.
 */
export function artifactsIn({artifacts, format}: OpenModel, what: string): ModelArtifacts {
  if (artifacts !== undefined) return artifacts;
  throw new TfmotError(
    'unsupported-model',
    `${what} needs a model that TensorFlow.js can load, but this is ${format}.`,
  );
}

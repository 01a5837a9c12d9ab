import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import type {OpenSource} from './open.ts';
import {openArtifacts} from './open-artifacts.ts';

/** A finished model in the forms in which techniques take it: open, live, or anything that `open` takes. */
export type GivenModel = OpenModel | SavableModel | OpenSource;

/**
 * The open model that a technique was given, or one of what it was given.
 *
 * @throws TfmotError `unsupported-model` for anything else, and what `open` throws.
 */
export async function openGiven(model: GivenModel): Promise<OpenModel> {
  const given = await openedOrArtifacts(model);
  return isOpen(given) ? given : openArtifacts(given);
}

/** The same, with artifacts as they are, which need not be sound for everything that is done to them. */
export async function openedOrArtifacts(model: GivenModel): Promise<OpenModel | ModelArtifacts> {
  if (isOpen(model)) return model;
  if (!isSource(model)) return artifactsOf(model);
  const {open} = await import('./open.ts');
  return open(model);
}

/**
 * Whether a model is to be fetched or read: a URL, bytes, a Blob or files. By shape: frames have classes of their own.
 */
function isSource(model: GivenModel): model is Exclude<OpenSource, ModelArtifacts> {
  return /^\[object (String|URL|ArrayBuffer|Blob|File|Array|Uint8\w*)\]$/.test(Object.prototype.toString.call(model));
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

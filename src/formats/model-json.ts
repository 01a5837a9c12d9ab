import type {ModelArtifacts, WeightSpec} from '../artifacts/artifacts.ts';
import {DTYPES} from '../artifacts/dtypes.ts';
import {checkSpecs} from '../artifacts/specs.ts';
import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import {isRecord} from './keras/config.ts';

/** A `model.json`, taken apart: everything but the bytes of the weights. */
export interface ModelJson {
  readonly head: Omit<ModelArtifacts, 'weightData'>;
  /** The files of the weights, in order, relative to `model.json`. */
  readonly paths: readonly string[];
  /** The same by groups, with the number of weights of each. */
  readonly groups: readonly {readonly paths: readonly string[]; readonly count: number}[];
  /** Bytes of all these files together; Infinity where strings are among the weights, whose length no spec says. */
  readonly bytes: number;
}

/** Files of weights that a model may have: 4 MiB each is what tools write. */
const MAX_FILES = 10_000;

/**
 * Takes a `model.json` apart.
 *
 * @param text The whole file.
 * @throws TfmotError `invalid-model` when it is none, or names files outside of its folder; `invalid-weights` when the
 *     weight specs are not sound.
 */
export function readModelJson(text: string): ModelJson {
  const json = parsed(text);
  if (!isRecord(json) || !('modelTopology' in json)) throw invalid('it has no modelTopology');
  const {weightsManifest = [], ...head} = json;
  if (!Array.isArray(weightsManifest) || !weightsManifest.every(isGroup))
    throw invalid('weightsManifest must be a list of groups, each with the lists paths and weights');
  const paths = weightsManifest.flatMap(group => group.paths);
  if (paths.length > MAX_FILES) throw invalid(`it has ${paths.length} files of weights, more than ${MAX_FILES}`);
  if (new Set(paths).size !== paths.length) throw invalid('it names a file of weights twice');
  for (const path of paths) checkPath(path);
  const weightSpecs = weightsManifest.flatMap(group => group.weights);
  let bytes = 0;
  for (const {stored, elements} of checkSpecs(weightSpecs)) {
    const {words, wordBytes} = DTYPES[stored];
    bytes += stored === 'string' && elements > 0 ? Number.POSITIVE_INFINITY : elements * words * wordBytes;
  }
  const groups = weightsManifest.map(group => ({paths: group.paths, count: group.weights.length}));
  return {head: {...(head as unknown as ModelJson['head']), weightSpecs}, paths, groups, bytes};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new TfmotError('invalid-model', 'A model.json must be valid JSON, but is not. Fetch it again.', {cause});
  }
}

function isGroup(
  group: unknown,
): group is {readonly paths: readonly string[]; readonly weights: readonly WeightSpec[]} {
  return isRecord(group) && Array.isArray(group['paths']) && Array.isArray(group['weights']);
}

/** A model asks for nothing but what lies beside it or below. */
function checkPath(path: unknown): void {
  const beside = typeof path === 'string' && path !== '' && !/^[/\\]|^[a-z][a-z0-9+.-]*:|[\0?#]/i.test(path);
  if (!beside || path.split(/[/\\]|%2f|%5c/i).some(part => /^(\.|%2e){2}$/i.test(part)))
    throw invalid(`a file of weights must lie in its folder, but is ${show(path)}`);
}

function invalid(what: string): TfmotError {
  return new TfmotError('invalid-model', `The model.json cannot be read: ${what}.`);
}

import {normalize} from 'node:path';
import type {WeightSpec} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';

/** The largest `model.json` that is read: 256 MiB, half of the longest text that Node can hold. */
export const MAX_JSON_BYTES: number = 256 * 1024 * 1024;

/** The most weight files that a `model.json` may name. At the usual 4 MiB, so many hold 16 GiB. */
export const MAX_SHARDS = 4096;

/** Weights that follow one another in the files `paths`, as `model.json` lists them. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

/**
 * Checks the form of the `weightsManifest` of a `model.json` and the paths in it, so that it can neither reach outside
 * the model's folder nor have files read over and over. What it says about the weights is `checkSpecs`' affair.
 *
 * @param subject How the message of an error starts, such as `model.json cannot be read`.
 * @throws TfmotError `invalid-model`, naming the first thing that is wrong.
 */
export function checkManifest(manifest: unknown, subject: string): readonly WeightGroup[] {
  if (!Array.isArray(manifest)) throw invalid(subject, 'weightsManifest must be an array');
  const files = new Set<string>();
  for (const group of manifest as Partial<WeightGroup>[]) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group?.weights)) {
      throw invalid(subject, 'each group of weightsManifest must have the arrays paths and weights');
    }
    for (const path of group.paths) {
      checkPathInside(path, subject);
      if (files.has(normalize(path))) throw invalid(subject, `it names the weight file ${shown(path)} more than once`);
      files.add(normalize(path));
      if (files.size > MAX_SHARDS) throw invalid(subject, `it names more than ${MAX_SHARDS} weight files`);
    }
  }
  return manifest as readonly WeightGroup[];
}

/** A value of a hostile file, as a message shows it: 80 characters at the most. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = typeof value; // It is nested too deeply.
  }
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

function checkPathInside(path: unknown, subject: string): void {
  const inside = typeof path === 'string' && path !== '' && !/^[/\\]|^[a-z]+:|\0/i.test(path);
  if (!inside || path.split(/[/\\]/).includes('..')) {
    throw invalid(subject, `a weight file must lie in the model's folder, but its path is ${shown(path)}`);
  }
}

const invalid = (subject: string, what: string): TfmotError => new TfmotError('invalid-model', `${subject}: ${what}.`);

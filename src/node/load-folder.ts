import {basename, dirname} from 'node:path';
import type {LoadedArtifacts} from '../artifacts/io-handler.ts';
import {TfmotError} from '../errors.ts';
import {checkManifest, MAX_JSON_BYTES, type WeightGroup} from './manifest.ts';
import {KEPT_KEYS} from './model-json.ts';
import {allocate, type FileContent, readInto, readRegular} from './read-file.ts';
import {lookAt, type OpenFile, openSeen, type SeenFile} from './regular-file.ts';
import {holdsWhatItSays} from './shards.ts';
import {checkLength, expectedBytes} from './specs.ts';

/** How often a model is read again because another process saved to its folder meanwhile. */
const TRIES = 100;
/** Files open at once. A file that is open can be read to its end, also when a save has removed it. */
const OPEN_AT_ONCE = 256;

/**
 * Reads a model's folder. When a save replaces the model meanwhile, it is read again: a save first puts all weight
 * files, then `model.json`, and only then removes the old weight files, so what fails without a new `model.json` is
 * wrong in the folder itself.
 *
 * @param file The `model.json`.
 * @throws TfmotError `file-not-found`, `read-failed`, `invalid-model`, `corrupt-file`, `memory-limit`.
 */
export async function loadFolder(file: string, followLinks: boolean): Promise<LoadedArtifacts> {
  for (let tries = 1; ; tries++) {
    const json = await readRegular(dirname(file), basename(file), followLinks, MAX_JSON_BYTES);
    try {
      return await artifactsIn(file, json.bytes, followLinks);
    } catch (error) {
      if (tries === TRIES || !(await isReplaced(file, json, followLinks))) throw error;
    }
  }
}

async function isReplaced(file: string, {stats}: FileContent, followLinks: boolean): Promise<boolean> {
  const now = await lookAt(dirname(file), basename(file), followLinks).catch(() => undefined);
  if (now === undefined) return false;
  const {ino, size, mtimeNs, ctimeNs} = now.stats;
  return ino !== stats.ino || size !== stats.size || mtimeNs !== stats.mtimeNs || ctimeNs !== stats.ctimeNs;
}

async function artifactsIn(file: string, bytes: Uint8Array, followLinks: boolean): Promise<LoadedArtifacts> {
  const json = parse(bytes, file);
  const subject = `${file} is not a model.json that can be read`;
  const groups = checkManifest(json['weightsManifest'], subject);
  const weightSpecs = groups.flatMap(group => group.weights);
  const {exact} = expectedBytes(weightSpecs, subject);
  const weightData = await readWeights(dirname(file), groups, followLinks);
  if (!exact) checkLength(weightSpecs, weightData, subject);
  const artifacts: Record<string, unknown> = {weightSpecs, weightData: weightData.buffer};
  for (const key of KEPT_KEYS) if (json[key] !== undefined) artifacts[key] = json[key];
  return artifacts as unknown as LoadedArtifacts;
}

function parse(bytes: Uint8Array, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
  } catch (error) {
    throw new TfmotError('invalid-model', `${file} is not JSON: ${(error as Error).message}.`, {cause: error});
  }
  const topology = (json as Record<string, unknown> | null)?.['modelTopology'];
  if (typeof topology !== 'object' || topology === null) {
    throw new TfmotError('invalid-model', `${file} must hold a modelTopology, as a saved tf.LayersModel does.`);
  }
  return json as Record<string, unknown>;
}

/** Looks at all files before it opens one, and opens them before it reads one: a save needs longer than that. */
async function readWeights(
  folder: string,
  groups: readonly WeightGroup[],
  followLinks: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const files: SeenFile[] = [];
  let total = 0;
  for (const group of groups) {
    let bytes = 0;
    for (const path of group.paths) {
      const file = await lookAt(folder, path, followLinks);
      files.push(file);
      bytes += Number(file.stats.size);
    }
    checkSize(group, bytes, folder);
    total += bytes;
  }
  const all = allocate(total, folder);
  let at = 0;
  for (let first = 0; first < files.length; first += OPEN_AT_ONCE) {
    at = await readFiles(files.slice(first, first + OPEN_AT_ONCE), all, at);
  }
  return all;
}

/**
 * With a weight of strings in a group, its files hold at least what the others need; the rest is checked when it is
 * read.
 */
function checkSize({paths, weights}: WeightGroup, bytes: number, folder: string): void {
  const {least, exact} = expectedBytes(weights, folder);
  const left = least - bytes;
  if (left === 0 || (left < 0 && !exact)) return;
  const what = left > 0 ? `${left} bytes too few` : `${-left} bytes too many`;
  const files = paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
  throw new TfmotError('corrupt-file', `The weight files ${files} in ${folder} hold ${what}.`);
}

async function readFiles(files: readonly SeenFile[], target: Uint8Array, start: number): Promise<number> {
  const open: OpenFile[] = [];
  try {
    for (const file of files) open.push(await openSeen(file));
    let at = start;
    for (const [index, {stats}] of files.entries()) {
      const file = open[index]!;
      const bytes = target.subarray(at, at + Number(stats.size));
      await readInto(bytes, file);
      if (file.stats.size !== stats.size || !holdsWhatItSays(file.path, bytes)) {
        throw new TfmotError('corrupt-file', `${file.path} has changed since it was written. Save it again.`);
      }
      at += bytes.length;
    }
    return at;
  } finally {
    for (const {handle} of open) await handle.close();
  }
}

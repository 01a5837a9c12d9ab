import {basename, dirname, join} from 'node:path';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {SaveResult} from '../artifacts/io-handler.ts';
import {joinedBytes} from '../artifacts/weight-bytes.ts';
import {TfmotError} from '../errors.ts';
import {inOrder, placeToWrite, putFile, replaceFile, saving} from './atomic.ts';
import {syncFolder} from './folders.ts';
import {ifPossible} from './fs-errors.ts';
import {settleJournals, writeJournal} from './journal.ts';
import {type Lock, whileLocked} from './lock.ts';
import {MAX_JSON_BYTES} from './manifest.ts';
import {KEPT_KEYS} from './model-json.ts';
import {readRegular} from './read-file.ts';
import {type FileStats, replaceable} from './regular-file.ts';
import {cutIntoShards, type Shard, shardNamesIn} from './shards.ts';
import {checkLength} from './specs.ts';

/** What is to be written where, and what is there now. */
interface Replacement {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly old: FileStats | undefined;
}

/**
 * Saves a model to a folder: weight files first, then `model.json`, which is the moment at which the new model replaces
 * the old one; then the old one's weight files go.
 *
 * @param file The `model.json`.
 * @throws TfmotError `invalid-model`, `write-failed`; the folder is as it was.
 */
export async function saveFolder(file: string, artifacts: ModelArtifacts, followLinks: boolean): Promise<SaveResult> {
  const bytes = weightBytes(artifacts);
  const shards = cutIntoShards(bytes);
  const text = modelJson(artifacts, shards);
  // The folder is locked as a whole: two models in it may share weight files.
  const replace = () =>
    whileLocked(dirname(file), '', lock => replaceModel(lock, basename(file), shards, text, followLinks));
  const dateSaved = await inOrder(file, () => saving(file, replace));
  return {
    modelArtifactsInfo: {
      dateSaved,
      modelTopologyType: 'JSON',
      modelTopologyBytes: text.length,
      weightSpecsBytes: JSON.stringify(artifacts.weightSpecs ?? []).length,
      weightDataBytes: bytes.length,
    },
  };
}

async function replaceModel(
  lock: Lock,
  name: string,
  shards: readonly Shard[],
  text: string,
  followLinks: boolean,
): Promise<Date> {
  await ifPossible(settleJournals(lock));
  const model = await replacement(lock, name, text, followLinks);
  const missing: Replacement[] = [];
  const made: string[] = [];
  for (const {name: shard, bytes} of shards) {
    const file = await replacement(lock, shard, bytes, followLinks);
    if (file.old === undefined) made.push(shard);
    if (!(await holds(file, bytes))) missing.push({...file, old: file.old ?? model.old});
  }
  const replaced = await shardsNamedBy(model);
  for (const {name: shard} of shards) replaced.delete(shard);
  await writeJournal(lock, [...made, ...replaced]);
  try {
    for (const file of missing) await put(lock, file);
    await syncFolder(lock.folder);
    const date = await put(lock, model);
    await syncFolder(lock.folder);
    return date;
  } finally {
    await ifPossible(settleJournals(lock));
  }
}

async function replacement(
  lock: Lock,
  name: string,
  content: string | Uint8Array,
  followLinks: boolean,
): Promise<Replacement> {
  const path = await placeToWrite(join(lock.folder, name), followLinks);
  return {path, content, old: await replaceable(path)};
}

async function holds({path, old}: Replacement, bytes: Uint8Array): Promise<boolean> {
  if (old?.size !== BigInt(bytes.length)) return false;
  return Buffer.compare((await readRegular(dirname(path), basename(path), false)).bytes, bytes) === 0;
}

async function shardsNamedBy({path, old}: Replacement): Promise<Set<string>> {
  if (old === undefined || old.size > MAX_JSON_BYTES) return new Set();
  return shardNamesIn((await readRegular(dirname(path), basename(path), false)).bytes);
}

/** What a link in the folder leads to lies outside the lock, and is written under a lock of its own. */
function put(lock: Lock, {path, content, old}: Replacement): Promise<Date> {
  return dirname(path) === lock.folder ? putFile(lock, path, [content], old) : replaceFile(path, [content], false);
}

function modelJson(artifacts: ModelArtifacts, shards: readonly Shard[]): string {
  const json: Record<string, unknown> = {};
  for (const key of KEPT_KEYS) {
    const value = (artifacts as unknown as Record<string, unknown>)[key];
    if (value !== undefined) json[key] = value;
  }
  json['weightsManifest'] = [{paths: shards.map(({name}) => name), weights: artifacts.weightSpecs ?? []}];
  let text: string;
  try {
    text = JSON.stringify(json);
  } catch (error) {
    throw new TfmotError('invalid-model', `The model cannot be written as JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (Buffer.byteLength(text) <= MAX_JSON_BYTES) return text;
  throw new TfmotError('invalid-model', `A model.json must have at most ${MAX_JSON_BYTES} bytes to be read again.`);
}

function weightBytes({weightData, weightSpecs, modelTopology}: ModelArtifacts): Uint8Array {
  if (typeof modelTopology !== 'object' || modelTopology === null) {
    throw new TfmotError('invalid-model', `A saved model must have a modelTopology object, but has ${modelTopology}.`);
  }
  const bytes = weightData === undefined ? new Uint8Array(0) : joinedBytes({weightData});
  checkLength(weightSpecs ?? [], bytes, 'The model cannot be saved');
  return bytes;
}

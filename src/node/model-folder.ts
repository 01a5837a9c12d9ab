import {createHash} from 'node:crypto';
import {readdir, readFile, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import type {ModelArtifacts, WeightSpec} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';
import {TEMPORARY_SUFFIX, writeFileAtomic} from './atomic.ts';
import {checkManifest, storedBytes, type WeightGroup} from './manifest.ts';
import {readBytes} from './read.ts';

/** A model on disk as TensorFlow.js' `io.IOHandler`: give it to `model.save(...)` and `tf.loadLayersModel(...)`. */
export interface ModelFile {
  save(artifacts: io.ModelArtifacts | ModelArtifacts): Promise<io.SaveResult>;
  load(): Promise<io.ModelArtifacts & ModelArtifacts>;
}

/** Browsers cache files of this size well; it is also what TensorFlow.js' own tools write. */
const SHARD_BYTES = 4 * 1024 * 1024;
const SHARD_NAME = /^weights-([0-9a-f]{16})\.bin$/;
/** What `model.json` keeps beside the weights. */
const KEPT = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'trainingConfig',
  'userDefinedMetadata',
  'signature',
  'modelInitializer',
  'initializerSignature',
] as const;

/**
 * A model in a folder: `model.json` and weight files of at most 4 MiB, which a web server can hand to
 * `tf.loadLayersModel(url)` as they are.
 *
 * Saving is atomic. Weight files are named by what they hold and written first; renaming `model.json` into place is
 * the moment at which the new model replaces the old one, and only then are the old model's weight files removed.
 * A crash leaves one whole model. Loading checks each of these files against its name. One process may save to a
 * folder at a time.
 *
 * @param path The folder, or the `model.json` in it. Made when saving if it is missing.
 * @throws TfmotError from `save`: `invalid-model`, `write-failed`; from `load`: `file-not-found`, `read-failed`,
 *     `invalid-model` (the JSON), `corrupt-file` (a weight file that is not what was written).
 *
 * @example
 * await model.save(modelFolder('out/pruned'));
 * const again = await tf.loadLayersModel(modelFolder('out/pruned'));
 */
export function modelFolder(path: string): ModelFile {
  const file = path.endsWith('.json') ? path : join(path, 'model.json');
  return {save: artifacts => save(file, artifacts as ModelArtifacts), load: () => load(file)};
}

async function save(file: string, artifacts: ModelArtifacts): Promise<io.SaveResult> {
  const folder = dirname(file);
  const specs = artifacts.weightSpecs ?? [];
  checkManifest([{paths: [], weights: specs}], file);
  const bytes = weightBytes(artifacts);
  const expected = totalBytes(specs);
  if (bytes.length !== expected) {
    throw new TfmotError(
      'invalid-model',
      `The weight specs describe ${expected} bytes, but weightData holds ${bytes.length}.`,
    );
  }
  const paths: string[] = [];
  for (let start = 0; start < bytes.length; start += SHARD_BYTES) {
    const shard = bytes.subarray(start, start + SHARD_BYTES);
    const name = `weights-${digest(shard)}.bin`;
    if (!paths.includes(name)) await writeFileAtomic(join(folder, name), [shard]);
    paths.push(name);
  }
  const json: Record<string, unknown> = {};
  for (const key of KEPT) {
    const value = (artifacts as unknown as Record<string, unknown>)[key];
    if (value !== undefined) json[key] = value;
  }
  json['weightsManifest'] = [{paths, weights: specs}];
  const text = JSON.stringify(json);
  await writeFileAtomic(file, [text]);
  await removeLeftovers(folder, basename(file), new Set(paths));
  return {
    modelArtifactsInfo: {
      dateSaved: (await stat(file)).mtime,
      modelTopologyType: 'JSON',
      modelTopologyBytes: text.length,
      weightSpecsBytes: JSON.stringify(specs).length,
      weightDataBytes: bytes.length,
    },
  };
}

async function load(file: string): Promise<io.ModelArtifacts & ModelArtifacts> {
  const json = parse(await readBytes(file), file);
  const groups = checkManifest(json['weightsManifest'], file);
  const parts: Uint8Array[] = [];
  for (const group of groups) parts.push(...(await readGroup(dirname(file), group)));
  const artifacts: Record<string, unknown> = {
    weightSpecs: groups.flatMap(group => group.weights),
    weightData: concatenated(parts).buffer,
  };
  for (const key of KEPT) if (json[key] !== undefined) artifacts[key] = json[key];
  return artifacts as unknown as io.ModelArtifacts & ModelArtifacts;
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

async function readGroup(folder: string, group: WeightGroup): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  let left = totalBytes(group.weights);
  for (const name of group.paths) {
    const bytes = await readBytes(join(folder, name));
    const written = SHARD_NAME.exec(basename(name))?.[1];
    if (written !== undefined && written !== digest(bytes)) {
      throw new TfmotError('corrupt-file', `${join(folder, name)} has changed since it was written. Save it again.`);
    }
    left -= bytes.length;
    files.push(bytes);
  }
  if (left !== 0) {
    const what = left > 0 ? `${left} bytes too few` : `${-left} bytes too many`;
    throw new TfmotError('corrupt-file', `The weight files ${group.paths.join(', ')} in ${folder} hold ${what}.`);
  }
  return files;
}

/** Removes weight files that no model.json of the folder names, and files of a save that was cut short. */
async function removeLeftovers(folder: string, saved: string, current: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder);
  const kept = new Set(current);
  for (const name of names) {
    if (!name.endsWith('.json') || name === saved) continue;
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    for (const shard of text.match(/weights-[0-9a-f]{16}\.bin/g) ?? []) kept.add(shard);
  }
  const old = names.filter(name => (SHARD_NAME.test(name) && !kept.has(name)) || name.endsWith(TEMPORARY_SUFFIX));
  for (const name of old) await rm(join(folder, name), {force: true}).catch(() => undefined);
}

function weightBytes({weightData}: ModelArtifacts): Uint8Array {
  const buffers = Array.isArray(weightData) ? (weightData as ArrayBuffer[]) : [weightData as ArrayBuffer | undefined];
  return concatenated(buffers.map(buffer => new Uint8Array(buffer ?? new ArrayBuffer(0))));
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const only = parts[0];
  if (parts.length === 1 && only?.byteLength === only?.buffer.byteLength) return only as Uint8Array<ArrayBuffer>;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const totalBytes = (specs: readonly WeightSpec[]): number => specs.reduce((sum, spec) => sum + storedBytes(spec), 0);

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

import {readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {compress} from '../compression/compress.ts';
import {type OpenArtifacts, openArtifacts} from '../formats/keras/open-artifacts.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';
import {findModel} from './model-path.ts';
import {isTfmz} from './output-path.ts';
import type {Session} from './session.ts';

/** A model on disk. */
export interface ModelOnDisk {
  readonly path: string;
  /** Bytes of its files together. */
  readonly bytes: number;
  readonly files: number;
}

/**
 * Reads a model, whatever its path says, by its content.
 *
 * @throws TfmotError as `findModel`, `modelFolder`, `compressedFile` and `openArtifacts` do.
 */
export async function readModel(path: string, session: Session): Promise<OpenArtifacts> {
  const {kind, file} = await findModel(path);
  if (kind === 'folder') return openArtifacts(await modelFolder(file).load());
  return openArtifacts(await session.stage('decoding', () => compressedFile(file).load()));
}

/**
 * Writes a model whole or not at all: to a `.tfmz`, losslessly, or to a folder.
 *
 * @param path One that `checkOutput` has seen.
 */
export async function writeModel(path: string, artifacts: ModelArtifacts, session: Session): Promise<ModelOnDisk> {
  if (isTfmz(path)) return writeBytes(path, await session.stage('compressing', () => compress(artifacts)), session);
  session.signal.throwIfAborted();
  await modelFolder(path).save(artifacts);
  return sizeOnDisk(path);
}

/** Writes a `.tfmz` whole or not at all. */
export async function writeBytes(path: string, bytes: Uint8Array, session: Session): Promise<ModelOnDisk> {
  session.signal.throwIfAborted();
  await writeFileAtomic(path, [bytes]);
  return sizeOnDisk(path);
}

/** How many bytes the files of a model take: a `.tfmz`, or `model.json` and the weight files that it names. */
export async function sizeOnDisk(path: string): Promise<ModelOnDisk> {
  const {kind, file} = await findModel(path);
  const paths = kind === 'tfmz' ? [file] : [file, ...(await weightFiles(file))];
  const sizes = await Promise.all(paths.map(async one => (await stat(one)).size));
  return {path, bytes: sizes.reduce((sum, size) => sum + size, 0), files: paths.length};
}

async function weightFiles(file: string): Promise<string[]> {
  const {weightsManifest} = JSON.parse(await readFile(file, 'utf8')) as {weightsManifest: {paths: string[]}[]};
  const names = new Set(weightsManifest.flatMap(({paths}) => paths));
  return [...names].map(name => join(dirname(file), name));
}

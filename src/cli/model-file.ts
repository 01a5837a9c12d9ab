import {readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {type Compressed, compressWithReport} from '../compression/compress.ts';
import type {OpenArtifacts} from '../formats/artifacts-model.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {decompress} from '../formats/tfmz/decompress.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {modelFolder} from '../node/model-folder.ts';
import {readNamed} from '../node/read-file.ts';
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

/** A model that was written. */
export interface WrittenModel extends ModelOnDisk, Pick<Compressed, 'limits' | 'notes'> {}

/** What reading a model takes besides its path. */
export interface ReadingOptions {
  /** False to decode a `.tfmz` whatever it takes of time and memory. */
  readonly limits?: boolean;
}

/**
 * Reads a model, whatever its path says, by its content.
 *
 * @throws TfmotError as `findModel`, `modelFolder`, `decompress` and `openArtifacts` do.
 */
export async function readModel(
  path: string,
  {limits = true}: ReadingOptions,
  session: Session,
): Promise<OpenArtifacts> {
  const {kind, file} = await findModel(path);
  if (kind === 'folder') return openArtifacts(await modelFolder(file).load());
  const bytes = await readNamed(file);
  const none = limits ? {} : {maxDecisions: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY};
  return openArtifacts(await session.stage('decoding', pace => decompress(bytes, {...pace, ...none})));
}

/**
 * Writes a model whole or not at all: to a `.tfmz`, losslessly, or to a folder.
 *
 * @param path One that `checkOutput` has seen.
 */
export async function writeModel(path: string, artifacts: ModelArtifacts, session: Session): Promise<WrittenModel> {
  if (isTfmz(path)) {
    const file = await session.stage('compressing', pace => compressWithReport(artifacts, pace));
    return writeFile(path, file, session);
  }
  session.signal.throwIfAborted();
  await modelFolder(path).save(artifacts);
  return {...(await sizeOnDisk(path)), notes: []};
}

/** Writes a `.tfmz` whole or not at all. */
export async function writeFile(
  path: string,
  {bytes, limits, notes}: Pick<Compressed, 'bytes' | 'limits' | 'notes'>,
  session: Session,
): Promise<WrittenModel> {
  session.signal.throwIfAborted();
  await writeFileAtomic(path, [bytes]);
  return {...(await sizeOnDisk(path)), ...(limits && {limits}), notes};
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

import {readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {OpenModel} from '../artifacts/open-model.ts';
import {type Compressed, compressWithReport} from '../compression/compress.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {modelFolder} from '../node/model-folder.ts';
import {openFile} from '../node/open-file.ts';
import {findModel} from './model-path.ts';
import {checkForm, isTfmz} from './output-path.ts';
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
 * @throws TfmotError as `findModel` and `openFile` do.
 */
export async function readModel(path: string, {limits = true}: ReadingOptions, session: Session): Promise<OpenModel> {
  const {kind, file} = await findModel(path);
  if (kind !== 'tfmz') return openFile(file);
  const none = limits ? {} : {maxDecisions: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY};
  return session.stage('decoding', pace => openFile(file, {...pace, ...none}));
}

/**
 * Writes a model whole or not at all: to a `.tfmz`, losslessly; as the file that it is; or to a folder.
 *
 * @param path One that `checkOutput` has seen.
 */
export async function writeModel(path: string, model: OpenModel, session: Session): Promise<WrittenModel> {
  if (isTfmz(path)) {
    const file = await session.stage('compressing', pace => compressWithReport(model, pace));
    return writeFile(path, file, session);
  }
  checkForm(path, model);
  session.signal.throwIfAborted();
  if (model.file === undefined) await modelFolder(path).save(model.artifacts!);
  else await writeFileAtomic(path, [...(await model.save()).values()]);
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

/** How many bytes the files of a model take: one, or `model.json` and the weight files that it names. */
export async function sizeOnDisk(path: string): Promise<ModelOnDisk> {
  const {kind, file} = await findModel(path);
  const paths = kind === 'folder' ? [file, ...(await weightFiles(file))] : [file];
  const sizes = await Promise.all(paths.map(async one => (await stat(one)).size));
  return {path, bytes: sizes.reduce((sum, size) => sum + size, 0), files: paths.length};
}

async function weightFiles(file: string): Promise<string[]> {
  const {weightsManifest} = JSON.parse(await readFile(file, 'utf8')) as {weightsManifest: {paths: string[]}[]};
  const names = new Set(weightsManifest.flatMap(({paths}) => paths));
  return [...names].map(name => join(dirname(file), name));
}

import {open, readdir, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {TfmotError} from '../errors.ts';
import {FILE_ENDINGS, formatOf} from '../formats/formats.ts';
import {nearest} from '../option-names.ts';
import {type ForeignFile, foreignFile, HEAD_BYTES, savedModelFolder} from './foreign-files.ts';

/** A model on disk: a `.tfmz`, the `model.json` of a folder, or a file of another toolkit. */
export interface ModelAt {
  readonly kind: 'tfmz' | 'folder' | 'file';
  readonly file: string;
}

/** What stands at a path. */
export type Found =
  /** Nothing, or a file or folder without anything in it. */
  | {readonly kind: 'nothing'}
  | {readonly kind: 'empty'}
  /** A model: `file` is its `.tfmz`, its `model.json`, or its file of another toolkit. */
  | ModelAt
  /** Anything else. */
  | ({readonly kind: 'foreign'} & ForeignFile);

const MODEL_JSON = 'model.json';
/** The endings of files that are read. */
const READ = ['.tfmz', ...FILE_ENDINGS].join(', ');
/** What a save leaves that was cut off before its model.json: the next one takes it over. */
const LEFT_BY_A_SAVE = /^\..*\.tfmot-lock|^weights-[0-9a-f]{16}\.bin$/;
const MODEL_NAMES = /\.(json|tfmz|h5|hdf5|keras|pb|tflite|onnx)$/;

/**
 * What stands at a path, by its content.
 *
 * @throws TfmotError `read-failed` where the system does not let it be read.
 */
export async function lookAt(path: string): Promise<Found> {
  try {
    const stats = await stat(path).catch(ignoreMissing);
    if (stats === undefined) return {kind: 'nothing'};
    if (stats.isDirectory()) return await lookInto(path);
    if (!stats.isFile()) return {kind: 'foreign', what: 'a device or a pipe', advice: 'Name a file or a folder.'};
    return await lookAtFile(path);
  } catch (error) {
    throw new TfmotError('read-failed', `Could not read ${path}: ${(error as Error).message}.`, {cause: error});
  }
}

/**
 * The model at a path: its file, the `model.json`, or the one in the folder.
 *
 * @throws TfmotError `file-not-found` where nothing stands, `unsupported-model` for anything else, saying what it is
 *     and what to do with it; `read-failed`.
 */
export async function findModel(path: string): Promise<ModelAt> {
  const found = await lookAt(path);
  switch (found.kind) {
    case 'nothing':
      throw new TfmotError('file-not-found', `There is no file ${path}.${await meant(path)}`);
    case 'empty':
      throw new TfmotError('unsupported-model', `${path} is empty. Name a model.`);
    case 'foreign':
      throw new TfmotError('unsupported-model', `${path} is ${found.what}. ${found.advice}`);
    default:
      return found;
  }
}

async function lookInto(folder: string): Promise<Found> {
  const names = await readdir(folder);
  if (names.includes(MODEL_JSON)) return lookAtFile(join(folder, MODEL_JSON));
  if (names.includes('saved_model.pb')) return {kind: 'foreign', ...savedModelFolder(folder)};
  if (names.every(name => LEFT_BY_A_SAVE.test(name))) return {kind: 'empty'};
  return {kind: 'foreign', what: 'a folder without model.json', advice: await modelsIn(folder, names)};
}

/** What may be meant by a folder that is no model: files and folders in it that look like one. */
async function modelsIn(folder: string, names: readonly string[]): Promise<string> {
  const models: string[] = [];
  for (const name of [...names].sort().slice(0, 100)) {
    const inside = await stat(join(folder, name, MODEL_JSON)).catch(() => undefined);
    if (inside !== undefined || (MODEL_NAMES.test(name) && !name.startsWith('.'))) models.push(join(folder, name));
  }
  return models.length === 0
    ? `Name the folder of a model that was saved by TensorFlow.js, or a file: ${READ}.`
    : `Name one of ${models.slice(0, 5).join(', ')}, if it is the model.`;
}

async function lookAtFile(file: string): Promise<Found> {
  const head = await headOf(file);
  if (head.length === 0) return {kind: 'empty'};
  const row = formatOf(head);
  if (row?.format === 'tfmz') return {kind: 'tfmz', file};
  if (/^[\s\ufeff]*[{[]/.test(head.toString('utf8', 0, 100))) return lookAtJson(file);
  const foreign = foreignFile(head, file);
  if (foreign !== undefined) return {kind: 'foreign', ...foreign};
  if (row !== undefined) return {kind: 'file', file};
  const weights = await stat(join(dirname(file), MODEL_JSON)).catch(ignoreMissing);
  return weights === undefined
    ? {kind: 'foreign', what: 'no model of a known kind', advice: `Name a folder with model.json, or a file: ${READ}.`}
    : {
        kind: 'foreign',
        what: 'not the model',
        advice: `Name the model.json beside it: ${join(dirname(file), MODEL_JSON)}`,
      };
}

async function lookAtJson(file: string): Promise<Found> {
  let json: Readonly<Record<string, unknown>> | null;
  try {
    json = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, ''));
  } catch {
    return {kind: 'foreign', what: 'JSON that is broken or cut short', advice: 'Fetch or save it again.'};
  }
  const topology = json?.['modelTopology'] as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof topology === 'object' && topology !== null && json?.['weightsManifest'] !== undefined) {
    return {kind: 'folder', file};
  }
  if (
    (typeof topology === 'object' && topology !== null) ||
    (json?.['class_name'] !== undefined && json['config'] !== undefined)
  ) {
    return {
      kind: 'foreign',
      what: 'the architecture of a model without its weights',
      advice: 'Save the whole model with model.save(...).',
    };
  }
  return {kind: 'foreign', what: 'JSON, but no model of TensorFlow.js', advice: 'Name a model.json, or its folder.'};
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The name in the same folder that a missing one was meant to be, as a sentence. */
async function meant(path: string): Promise<string> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const name = nearest(path.replace(/[/\\]+$/, '').slice(folder === '.' ? 0 : folder.length + 1), names);
  return name === undefined ? '' : ` Did you mean ${join(folder, name)}?`;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

import {TfmotError} from '../errors.ts';
import type {FetchedModel} from './fetch-model.ts';
import {checkFormat} from './formats.ts';
import {filesBy} from './model-files.ts';
import {readModelJson} from './model-json.ts';
import {bytesOf} from './source-bytes.ts';

/**
 * The model in files that a person has picked: one file, or a `model.json`, by its content, and the weight files that
 * it names. Of other files among them nothing is read.
 *
 * @throws TfmotError `invalid-argument` for no file, or none that is a model; `read-failed` where a weight file is
 *     missing; `memory-limit`; what is wrong with the model.
 */
export async function filesOfModel(files: readonly File[], maxBytes: number): Promise<FetchedModel> {
  const [only] = files;
  if (only === undefined) throw new TfmotError('invalid-argument', 'open needs the files of a model, but got none.');
  const total = files.reduce((sum, {size}) => sum + size, 0);
  if (total > maxBytes)
    throw new TfmotError(
      'memory-limit',
      `The files must fit ${maxBytes} bytes (maxBytes), but have ${total}. If you trust them, pass a larger maxBytes.`,
    );
  const json = await jsonAmong(files);
  if (json === undefined && files.length === 1) {
    const bytes = (await bytesOf(only))!;
    return {row: checkFormat(bytes, only.name), bytes};
  }
  if (json === undefined)
    throw new TfmotError('invalid-argument', 'Several files must be a model.json and its weights, but none is JSON.');
  const {head, paths, groups} = readModelJson(await json.text());
  const buffers = await Promise.all(paths.map(path => fileAt(files, json, path).arrayBuffer()));
  return {artifacts: {...head, weightData: buffers}, files: filesBy(groups, buffers)};
}

async function jsonAmong(files: readonly File[]): Promise<File | undefined> {
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
    // Weights may begin as JSON does, but are not called so.
    if (/^(\xef\xbb\xbf)?\s*\{/.test(String.fromCharCode(...head)) && !file.name.endsWith('.bin')) return file;
  }
  return undefined;
}

/** The file at a path beside `model.json`: by its path where a folder was picked, else by its name. */
function fileAt(files: readonly File[], json: File, path: string): File {
  const folder = placeOf(json).slice(0, -json.name.length);
  const name = path.split('/').at(-1);
  const found = files.find(file => placeOf(file) === folder + path) ?? files.find(file => file.name === name);
  if (found !== undefined) return found;
  throw new TfmotError('read-failed', `${json.name} names the file '${path}', which is not among those given. Add it.`);
}

const placeOf = (file: File): string => (file as {webkitRelativePath?: string}).webkitRelativePath || file.name;

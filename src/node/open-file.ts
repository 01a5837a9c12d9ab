import {stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {OpenModel} from '../artifacts/open-model.ts';
import {OPEN_NAMES, type OpenOptions, open} from '../formats/open.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {checkOptionNames} from '../option-names.ts';
import {checkPath} from './atomic.ts';
import {modelFolder} from './model-folder.ts';
import {readNamed} from './read-file.ts';

/**
 * Opens a model on disk, of any format that `open` reads, found from its content: a file, a `model.json` with its
 * weights beside it, or the folder of one.
 *
 * @param path Of the file or folder; a symbolic link is followed.
 * @throws TfmotError `file-not-found`, `read-failed`; what `open` and `modelFolder` throw.
 *
 * @example
 * const model = await openFile('model.onnx');
 * const {model: pruned} = await pruneOneShot(model, {sparsity: 0.5});
 * await writeFileAtomic('pruned.onnx', [...(await pruned.save()).values()]);
 */
export async function openFile(path: string, options: OpenOptions = {}): Promise<OpenModel> {
  checkPath(path, 'openFile');
  checkOptionNames(options, OPEN_NAMES, 'openFile');
  const folder = await stat(path).then(
    stats => stats.isDirectory(),
    () => false,
  );
  const file = folder ? join(path, 'model.json') : path;
  const bytes = await readNamed(file);
  const isJson = /^(\xef\xbb\xbf)?\s*\{/.test(String.fromCharCode(...bytes.subarray(0, 64)));
  return isJson ? openArtifacts(await modelFolder(file).load()) : open(bytes, options);
}

import {join} from 'node:path';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {LoadedArtifacts, SavedArtifacts, SaveResult} from '../artifacts/io-handler.ts';
import {checkPath} from './atomic.ts';
import {loadFolder} from './load-folder.ts';
import {followsLinks, type LinkOptions} from './regular-file.ts';
import {saveFolder} from './save-folder.ts';

/** A model on disk as TensorFlow.js' `io.IOHandler`: give it to `model.save(...)` and `tf.loadLayersModel(...)`. */
export interface ModelFile {
  save(artifacts: SavedArtifacts): Promise<SaveResult>;
  load(): Promise<LoadedArtifacts>;
}

/**
 * A model in a folder: `model.json` and weight files of at most 4 MiB, which a web server can hand to
 * `tf.loadLayersModel(url)` as they are.
 *
 * Saving is atomic. Weight files are named by what they hold and written first; renaming `model.json` into place is the
 * moment at which the new model replaces the old one. Only then are those weight files removed that the old
 * `model.json` named and no other `.json` of the folder names. A crash leaves one whole model, and the next save
 * removes what it left. A save that fails leaves the folder as it was. Saves to one folder wait for each other, within
 * a process in the order of the calls, and across processes, which a folder `.tfmot-lock` keeps apart: it is taken over
 * when its process is gone or has not been heard of for 30 s. Modes of files are kept.
 *
 * Loading waits for nobody and sees the old model or the new one. It checks each weight file against its name, and
 * reads regular files alone: at most 4,096 weight files, none twice, and a `model.json` of at most 256 MiB.
 *
 * @param path The folder, or the `model.json` in it. Made when saving if it is missing. It may be a symbolic link.
 * @param options `followLinks`: whether symbolic links in the folder to regular files are followed. They can lead
 *     anywhere, so by default a folder with links is refused.
 * @throws TfmotError `invalid-argument`; from `save`: `invalid-model`, `write-failed`; from `load`: `file-not-found`,
 *     `read-failed`, `invalid-model` (the JSON), `corrupt-file` (a weight file that is not what was written),
 *     `memory-limit` (weights that do not fit into one array).
 *
 * @example
 * await model.save(modelFolder('out/pruned'));
 * const again = await tf.loadLayersModel(modelFolder('out/pruned'));
 */
export function modelFolder(path: string, options?: LinkOptions): ModelFile {
  checkPath(path, 'modelFolder');
  const followLinks = followsLinks(options, 'modelFolder');
  const file = path.endsWith('.json') ? path : join(path, 'model.json');
  return {
    save: artifacts => saveFolder(file, artifacts as ModelArtifacts, followLinks),
    load: () => loadFolder(file, followLinks),
  };
}

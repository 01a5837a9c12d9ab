import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {LoadedArtifacts, SaveResult} from '../artifacts/io-handler.ts';
import {compress} from '../compression/compress.ts';
import type {CompressOptions} from '../compression/options.ts';
import {decompress} from '../formats/tfmz/decompress.ts';
import {checkPath, inOrder, placeToWrite, replaceFile, saving} from './atomic.ts';
import type {ModelFile} from './model-folder.ts';
import {readNamed} from './read-file.ts';
import {followsLinks, type LinkOptions} from './regular-file.ts';

/**
 * A model in one `.tfmz` file, as TensorFlow.js' `io.IOHandler`. Saving replaces the file in one moment or not at all,
 * as `writeFileAtomic` does; loading follows a symbolic link, and reads regular files alone.
 *
 * @param options How to compress; by default every weight comes back bit for bit. `followLinks`: whether saving
 *     replaces the file that a symbolic link at `path` leads to. By default it refuses.
 * @throws TfmotError `invalid-argument`; from `save`: `write-failed` and what `compress` throws; from `load`:
 *     `file-not-found`, `read-failed`, `corrupt-file`.
 *
 * @example
 * await model.save(compressedFile('out/model.tfmz', {step: 'auto'}));
 * const again = await tf.loadLayersModel(compressedFile('out/model.tfmz'));
 */
export function compressedFile(path: string, options: CompressOptions & LinkOptions = {}): ModelFile {
  checkPath(path, 'compressedFile');
  const {followLinks = false, ...how} = options;
  followsLinks({followLinks}, 'compressedFile');
  const save = async (artifacts: ModelArtifacts): Promise<SaveResult> => {
    // Better refused now than after a minute of compressing.
    await saving(path, () => placeToWrite(path, followLinks));
    const bytes = await compress(artifacts, how);
    const dateSaved = await replaceFile(path, [bytes], followLinks);
    return {modelArtifactsInfo: {dateSaved, modelTopologyType: 'JSON', weightDataBytes: bytes.length}};
  };
  return {
    save: artifacts => inOrder(path, () => save(artifacts as ModelArtifacts)),
    load: async () => (await decompress(await readNamed(path))) as LoadedArtifacts,
  };
}

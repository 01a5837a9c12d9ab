import {stat} from 'node:fs/promises';
import type {io} from '@tensorflow/tfjs-core';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {compress} from '../compression/compress.ts';
import type {CompressOptions} from '../compression/options.ts';
import {decompress} from '../formats/tfmz/decompress.ts';
import {writeFileAtomic} from './atomic.ts';
import type {ModelFile} from './model-folder.ts';
import {readBytes} from './read.ts';

/**
 * A model in one `.tfmz` file, as TensorFlow.js' `io.IOHandler`. Saving replaces the file in one moment or not at all.
 *
 * @param options How to compress; by default every weight comes back bit for bit.
 * @throws TfmotError from `save`: `write-failed` and what `compress` throws; from `load`: `file-not-found`,
 *     `read-failed`, `corrupt-file`.
 *
 * @example
 * await model.save(compressedFile('out/model.tfmz', {step: 'auto'}));
 * const again = await tf.loadLayersModel(compressedFile('out/model.tfmz'));
 */
export function compressedFile(path: string, options: CompressOptions = {}): ModelFile {
  return {
    save: async artifacts => {
      const bytes = await compress(artifacts as ModelArtifacts, options);
      await writeFileAtomic(path, [bytes]);
      return {
        modelArtifactsInfo: {
          dateSaved: (await stat(path)).mtime,
          modelTopologyType: 'JSON',
          weightDataBytes: bytes.length,
        },
      };
    },
    load: async () => (await decompress(await readBytes(path))) as ModelArtifacts & io.ModelArtifacts,
  };
}

import type {OpenModel} from '../artifacts/open-model.ts';
import {openArtifacts} from './open-artifacts.ts';
import {type DecompressOptions, decompress} from './tfmz/decompress.ts';

/**
 * Opens the model inside a `.tfmz` file.
 *
 * @throws TfmotError as `decompress`.
 */
export async function openCompressed(bytes: Uint8Array, options: DecompressOptions): Promise<OpenModel> {
  return openArtifacts(await decompress(bytes, options));
}

import type {OpenModel} from '../artifacts/open-model.ts';
import {formatNamed, openRow} from './formats.ts';
import {openArtifacts} from './open-artifacts.ts';
import {type DecompressOptions, decoding, isModelBytes} from './tfmz/decompress.ts';

/**
 * Opens the model inside a `.tfmz` file.
 *
 * @throws TfmotError as `decompress`, and what opening the model inside throws.
 */
export async function openCompressed(bytes: Uint8Array, options: DecompressOptions): Promise<OpenModel> {
  const decoded = await decoding(bytes, options, 'open');
  return isModelBytes(decoded) ? openRow(formatNamed(decoded.format), decoded.bytes) : openArtifacts(decoded);
}

import {promisify} from 'node:util';
import {brotliCompress, constants, gzip} from 'node:zlib';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {storedWeights, valuesOf} from '../artifacts/stored-weights.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';

/** Whether a path means a compressed model. */
export const isCompressed = (path: string): boolean => path.endsWith('.tfmz');

/**
 * Reads a model: a folder, its `model.json`, or a `.tfmz`.
 *
 * @throws TfmotError as `modelFolder` and `compressedFile` do.
 */
export function readModel(path: string): Promise<ModelArtifacts> {
  return (isCompressed(path) ? compressedFile(path) : modelFolder(path)).load();
}

/** Writes a model whole or not at all: to a `.tfmz`, losslessly, or to a folder. */
export async function writeModel(path: string, artifacts: ModelArtifacts): Promise<void> {
  await (isCompressed(path) ? compressedFile(path) : modelFolder(path)).save(artifacts);
}

/** How large a model's weights are, and how many there are. */
export interface Measure {
  readonly parameters: number;
  readonly nonZeros: number;
  /** Bytes of the weights as they are stored, and after `gzip -9`. */
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Counts and weighs the weights of a model. */
export async function measure(artifacts: ModelArtifacts): Promise<Measure> {
  const weights = storedWeights(artifacts);
  let parameters = 0;
  let nonZeros = 0;
  for (const weight of weights) {
    const values = valuesOf(weight);
    parameters += values.length;
    nonZeros += countNonZeros(values);
  }
  const all = Buffer.concat(weights.map(({bytes}) => bytes));
  return {parameters, nonZeros, bytes: all.length, gzipBytes: (await promisify(gzip)(all, {level: 9})).length};
}

/** Larger models get brotli's level 9: level 11 takes half a minute for 12 MB. */
const BROTLI_11_BYTES = 4 * 1024 * 1024;

/** Bytes of the weights after brotli and the level used. */
export async function brotliBytes(
  artifacts: ModelArtifacts,
): Promise<{readonly level: number; readonly bytes: number}> {
  const all = Buffer.concat(storedWeights(artifacts).map(({bytes}) => bytes));
  const level = all.length <= BROTLI_11_BYTES ? 11 : 9;
  const params = {[constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: all.length};
  return {level, bytes: (await promisify(brotliCompress)(all, {params})).length};
}

/** The way to name a path in a command to try next: quoted where a shell would split it. */
export const quoted = (path: string): string => (/[^\w./-]/.test(path) ? JSON.stringify(path) : path);

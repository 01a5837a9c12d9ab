import type {WeightSpec} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';
import {decompress} from '../formats/tfmz/decompress.ts';

type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/** Artifacts as TensorFlow.js' own types have them: nothing read-only, the weights in one buffer. */
export interface LoadedArtifacts {
  modelTopology: object;
  weightSpecs: (Mutable<Omit<WeightSpec, 'shape'>> & {shape: number[]})[];
  weightData: ArrayBuffer;
  format?: string;
  generatedBy?: string;
  convertedBy?: string | null;
}

/** What `tf.loadLayersModel` takes: the loading half of TensorFlow.js' `io.IOHandler`. */
export interface CompressedHandler {
  load(): Promise<LoadedArtifacts>;
}

/**
 * Makes a `.tfmz` file loadable by `tf.loadLayersModel`. Nothing is fetched before `load()`.
 *
 * @param source A URL that `fetch` takes, the bytes of the file, or a Blob of them.
 * @throws TfmotError from `load()`: `read-failed` when the URL does not answer, `corrupt-file` when the file is not sound.
 *
 * @example
 * const model = await tf.loadLayersModel(tfmot.compression.compressed('/model.tfmz'));
 */
export function compressed(source: string | URL | Uint8Array | ArrayBuffer | Blob): CompressedHandler {
  return {load: async () => decompress(await bytesOf(source)) as LoadedArtifacts};
}

async function bytesOf(source: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TfmotError('invalid-argument', `compressed needs a URL, bytes or a Blob, but got ${typeof source}.`);
  }
  let response: Response;
  try {
    response = await fetch(source);
  } catch (cause) {
    throw new TfmotError('read-failed', `${source} could not be fetched. Check the address and the network.`, {cause});
  }
  if (!response.ok) {
    throw new TfmotError(
      'read-failed',
      `${source} must answer with a .tfmz file, but answered ${response.status}. Check the address.`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

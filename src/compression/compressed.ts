import type {LoadedArtifacts} from '../artifacts/io-handler.ts';
import {TfmotError} from '../errors.ts';
import {byteLimit, fetchBytes, readBody} from '../fetch-bytes.ts';
import {checkDecompressOptions, type DecompressOptions, decompress} from '../formats/tfmz/decompress.ts';
import {checkHeader} from '../formats/tfmz/format/container.ts';
import {show} from '../show.ts';

/** What `tf.loadLayersModel` takes: the loading half of TensorFlow.js' `io.IOHandler`. */
export interface CompressedHandler {
  load(): Promise<LoadedArtifacts>;
}

/** As for `decompress`; `maxBytes` limits the file, which is read no further, as well as the weights. */
export type CompressedOptions = DecompressOptions;

/** Bytes of a file that are read where the caller sets no limit. */
const FILE_BYTES = 2 ** 30;

/**
 * Makes a `.tfmz` file loadable by `tf.loadLayersModel` and `tf.loadGraphModel`. Nothing is fetched before `load()`,
 * and what does not begin as a `.tfmz` file is not read on.
 *
 * @param source A URL that `fetch` takes, the bytes of the file, or a Blob of them.
 * @throws TfmotError `invalid-argument` for unknown options. From `load()`: `read-failed` when the URL does not answer
 *   or its answer breaks off, `corrupt-file` when the file is not sound, `memory-limit` when it takes more than the
 *   limits allow (a file of at most 1 GiB by default), `invalid-argument` for another source; the signal's reason when
 *   it is aborted.
 *
 * @example
 * const model = await tf.loadLayersModel(tfmot.compression.compressed('/model.tfmz'));
 */
export function compressed(
  source: string | URL | Uint8Array | ArrayBuffer | Blob,
  options: CompressedOptions = {},
): CompressedHandler {
  checkDecompressOptions(options, 'compressed');
  const {maxBytes = FILE_BYTES, signal} = options;
  return {
    load: async () => {
      signal?.throwIfAborted();
      return (await decompress(await bytesOf(source, maxBytes, signal), options)) as LoadedArtifacts;
    },
  };
}

async function bytesOf(
  source: string | URL | Uint8Array | ArrayBuffer | Blob,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const settings = {limit: byteLimit(maxBytes), signal, inspect: checkHeader};
  if (source instanceof Blob) return readBody(source.stream(), source.size, 'The Blob', settings);
  if (typeof source === 'string' || source instanceof URL) return (await fetchBytes(source, settings)).bytes;
  throw new TfmotError('invalid-argument', `compressed needs a URL, bytes or a Blob, but got ${show(source)}.`);
}

import type {WeightSpec} from '../artifacts/artifacts.ts';
import {concatenated} from '../artifacts/weight-bytes.ts';
import {isTfmotError, TfmotError} from '../errors.ts';
import {checkDecompressOptions, type DecompressOptions, decompress} from '../formats/tfmz/decompress.ts';
import {checkHeader, HEADER_BYTES} from '../formats/tfmz/format/container.ts';
import {show} from '../show.ts';

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

/** As for `decompress`; `maxBytes` limits the file, which is read no further, as well as the weights. */
export type CompressedOptions = DecompressOptions;

/** Bytes of a file that are read where the caller sets no limit. */
const FILE_BYTES = 2 ** 30;

/**
 * Makes a `.tfmz` file loadable by `tf.loadLayersModel` and `tf.loadGraphModel`. Nothing is fetched before `load()`, and
 * what does not begin as a `.tfmz` file is not read on.
 *
 * @param source A URL that `fetch` takes, the bytes of the file, or a Blob of them.
 * @throws TfmotError `invalid-argument` for unknown options. From `load()`: `read-failed` when the URL does not answer or
 *   its answer breaks off, `corrupt-file` when the file is not sound, `memory-limit` when it takes more than the limits
 *   allow (a file of at most 1 GiB by default), `invalid-argument` for another source; the signal's reason when it is
 *   aborted.
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
  if (source instanceof Blob) return bytesOfBody(source.stream(), source.size, 'The Blob', maxBytes, signal);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TfmotError('invalid-argument', `compressed needs a URL, bytes or a Blob, but got ${show(source)}.`);
  }
  let response: Response;
  try {
    response = await fetch(source, signal === undefined ? {} : {signal});
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TfmotError('read-failed', `${source} could not be fetched. Check the address and the network.`, {cause});
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined);
    throw new TfmotError(
      'read-failed',
      `${source} must answer with a .tfmz file, but answered ${response.status}. Check the address.`,
    );
  }
  const announced = Number(response.headers.get('content-length') ?? 0);
  return bytesOfBody(response.body, announced, String(source), maxBytes, signal);
}

/**
 * Reads a body to its end, or until it cannot be a file within the limit.
 *
 * @param announced How long it says it is; 0 when it does not.
 */
async function bytesOfBody(
  body: ReadableStream<Uint8Array> | null,
  announced: number,
  name: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    if (announced > maxBytes) throw tooLong(name, maxBytes);
    for (;;) {
      const piece = await reader?.read();
      signal?.throwIfAborted();
      if (piece?.value === undefined) break;
      if (length < HEADER_BYTES) checkHeader(concatenated([...chunks, piece.value]));
      chunks.push(piece.value);
      length += piece.value.length;
      if (length > maxBytes) throw tooLong(name, maxBytes);
    }
  } catch (cause) {
    await reader?.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    if (isTfmotError(cause)) throw cause;
    throw new TfmotError('read-failed', `${name} broke off after ${length} bytes. Fetch it again.`, {cause});
  }
  return concatenated(chunks);
}

function tooLong(name: string, maxBytes: number): TfmotError {
  return new TfmotError(
    'memory-limit',
    `${name} must have at most ${maxBytes} bytes (maxBytes), but has more. If you trust it, pass a larger maxBytes.`,
  );
}

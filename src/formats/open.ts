import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {PACE_NAMES, type PaceOptions} from '../pace.ts';
import {show} from '../show.ts';
import {fetchModel} from './fetch-model.ts';
import {checkFormat, type FormatRow, openRow} from './formats.ts';
import {openArtifacts} from './open-artifacts.ts';
import {bytesOf} from './source-bytes.ts';

/**
 * What `open` takes: the URL of a model's file or of a `model.json`, the bytes of a file, a Blob of them, the files of
 * a model (`model.json` and the weight files that it names), or TensorFlow.js' artifacts.
 */
export type OpenSource = string | URL | Uint8Array | ArrayBuffer | Blob | readonly File[] | ModelArtifacts;

/** What opening may take. Progress counts bytes of weights of a `.tfmz`. */
export interface OpenOptions extends PaceOptions {
  /** Most bytes of all files together, and of the weights in a `.tfmz`. By default 1 GiB of files. */
  readonly maxBytes?: number;
  /** Most decisions that decoding a `.tfmz` may take, as for `decompress`. */
  readonly maxDecisions?: number;
}

/** The names of {@link OpenOptions}. */
export const OPEN_NAMES: readonly string[] = ['maxBytes', 'maxDecisions', ...PACE_NAMES];
/** Bytes of files that are read where the caller sets no limit. */
const FILE_BYTES = 2 ** 30;

/**
 * Opens a finished model of any format, found from its content: a TensorFlow.js model of layers or a graph, or a
 * `.tfmz`, which opens as the model inside. Nothing is decoded that a `.tfmz` does not make necessary.
 *
 * @returns Its weights and what uses them; `graph()` imports it, `withWeights` changes it, `save()` gives its files in
 *     the format that it came in.
 * @throws TfmotError `unsupported-model` for files of another kind; `read-failed`, `memory-limit`; `corrupt-file`,
 *     `invalid-model`, `invalid-topology` or `invalid-weights` for what is damaged; `invalid-argument` for another
 *     source or unknown options. The signal's reason when it is aborted.
 *
 * @example
 * const model = await open('/model/model.json');
 * const {model: pruned} = await pruneOneShot(model, {sparsity: 0.5});
 * for (const [name, bytes] of await pruned.save()) await write(name, bytes);
 */
export async function open(source: OpenSource, options: OpenOptions = {}): Promise<OpenModel> {
  checkOptionNames(options, OPEN_NAMES, 'open');
  return openSource(source, options.maxBytes ?? FILE_BYTES, options);
}

/**
 * As {@link open}, with a limit for files and others for what a `.tfmz` decodes to.
 *
 * @param maxFileBytes Most bytes of all files together.
 */
export async function openSource(source: OpenSource, maxFileBytes: number, decoding: OpenOptions): Promise<OpenModel> {
  const {signal} = decoding;
  signal?.throwIfAborted();
  if (typeof source === 'string' || source instanceof URL) {
    const fetched = await fetchModel(source, {signal, maxBytes: maxFileBytes});
    return 'row' in fetched
      ? openBytes(fetched.row, fetched.bytes, decoding)
      : openArtifacts(fetched.artifacts, fetched.files);
  }
  if (Array.isArray(source)) {
    const {filesOfModel} = await import('./given-files.ts');
    const given = await filesOfModel(source as readonly File[], maxFileBytes);
    return 'row' in given ? openBytes(given.row, given.bytes, decoding) : openArtifacts(given.artifacts, given.files);
  }
  const bytes = await bytesOf(source);
  signal?.throwIfAborted();
  if (bytes !== null) return openBytes(checkFormat(bytes, 'The model'), bytes, decoding);
  if (typeof source === 'object' && source !== null && 'modelTopology' in source) return openArtifacts(source);
  throw new TfmotError(
    'invalid-argument',
    `open needs a URL, bytes, a Blob, the files of a model, or artifacts {modelTopology, weightSpecs, weightData}, but got ${show(source)}.`,
  );
}

async function openBytes(row: FormatRow, bytes: Uint8Array, decoding: OpenOptions): Promise<OpenModel> {
  if (row.format === 'model-json')
    throw new TfmotError(
      'unsupported-model',
      'A model.json names files beside it, which its bytes do not tell the place of. Give its URL instead, or all its files.',
    );
  if (row.format === 'tfmz') {
    const {openCompressed} = await import('./open-compressed.ts');
    return openCompressed(bytes, decoding);
  }
  return openRow(row, bytes);
}

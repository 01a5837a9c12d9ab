import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {TfmotError} from '../../errors.ts';
import {checkOptionNames} from '../../option-names.ts';
import {PACE_NAMES, type PaceOptions, paced} from '../../pace.ts';
import {readContainer} from './format/container.ts';
import {type DecodedFile, decodeFile, holdsFile, type ModelBytes} from './format/decode-file.ts';
import {defaultLimits, givenLimits, LIMIT_NAMES, type Limits} from './format/limits.ts';
import {meterOf} from './format/meter.ts';

/**
 * What a file may cost and how it is worked on. Progress counts bytes of weights. The limits grow with the file: by
 * default 50 million decisions, which is 32 million weights of which nine in ten are zero, and 256 MB of weights; 128
 * decisions and 512 bytes more for each byte of the file beyond a million.
 */
export interface DecompressOptions extends PaceOptions, Partial<Limits> {}

const OPTION_NAMES: readonly string[] = [...LIMIT_NAMES, ...PACE_NAMES];

/**
 * Reads a `.tfmz` file, pausing every 8 ms so that a page stays smooth. Needs the memory of its result and a constant
 * beside it, and no other library.
 *
 * @param file All bytes of the file; not to be changed before the promise is settled.
 * @returns Artifacts as `tf.loadLayersModel` and `tf.loadGraphModel` take them, with the weight bytes in one buffer.
 * @throws TfmotError `unsupported-model` for a model that TensorFlow.js does not load, such as a `.tflite`, which
 *     `open` gives back; `corrupt-file` when the file is not a sound .tfmz file, `memory-limit` when it takes more than
 *     the limits allow; nothing is returned then. The signal's reason when it is aborted.
 *
 * @example
 * const artifacts = await decompress(new Uint8Array(await (await fetch('/model.tfmz')).arrayBuffer()));
 */
export async function decompress(file: Uint8Array, options: DecompressOptions = {}): Promise<ModelArtifacts> {
  const decoded = await decoding(file, options, 'decompress');
  if (!isModelBytes(decoded)) return decoded;
  const {artifactsInFile} = await import('../formats.ts');
  return artifactsInFile(decoded);
}

/**
 * Decodes a `.tfmz` file to what it holds: artifacts, or a model's file of another format.
 *
 * @param caller Whose file and options they are.
 * @throws TfmotError as {@link decompress}.
 */
export async function decoding(file: Uint8Array, options: DecompressOptions, caller: string): Promise<DecodedFile> {
  if (!(file instanceof Uint8Array)) {
    throw new TfmotError(
      'invalid-argument',
      `${caller} needs the bytes of a .tfmz file as a Uint8Array, but got ${typeof file}.`,
    );
  }
  checkDecompressOptions(options, caller);
  const {maxDecisions, maxBytes} = {...defaultLimits(file.length), ...givenLimits(options)};
  const meter = meterOf(maxDecisions);
  options.signal?.throwIfAborted();
  const sections = readContainer(file);
  const inner = holdsFile(sections) ? (await import('./format/inner-files.ts')).INNER_FILES : undefined;
  return paced(
    decodeFile(file, maxBytes, meter, inner, sections),
    () => ({done: meter.done, total: meter.total}),
    options,
  );
}

/** Whether a `.tfmz` file held a model's file of another format. */
export function isModelBytes(decoded: DecodedFile): decoded is ModelBytes {
  return 'bytes' in decoded;
}

/**
 * @param caller Whose options they are.
 * @throws TfmotError `invalid-argument` for unknown options and for limits that are no numbers from 0.
 */
export function checkDecompressOptions(options: DecompressOptions, caller: string): void {
  checkOptionNames(options, OPTION_NAMES, caller);
  givenLimits(options);
}

import type {InputShapes} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {writeTflite} from '../formats/tflite/write/write.ts';
import {graphOfSource, type ModelSource} from '../inference/model-source.ts';
import {checkOptionNames} from '../option-names.ts';
import {show} from '../show.ts';

/** How to convert a model. */
export interface ConvertOptions {
  /** Examples that the file computes at once, by default 1: its tensors have fixed shapes. */
  readonly batchSize?: number;
  /** Words that the file keeps about itself. */
  readonly description?: string;
  /** Sizes that the model leaves open, such as the length of a sequence: shapes of inputs without the batch, by name. */
  readonly inputShapes?: InputShapes;
  /** Most bytes of all files that are fetched for a URL. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Stops fetching and converting; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

const OPTION_NAMES: readonly (keyof ConvertOptions)[] = [
  ...(['batchSize', 'description', 'inputShapes', 'maxBytes', 'signal'] as const),
];

/**
 * Converts a model to a `.tflite` file, for LiteRT on phones, in browsers and on microcontrollers.
 *
 * @param model Any form of a model that `compile` takes. Pruned models must be stripped first.
 * @throws TfmotError `invalid-argument` for wrong options, and what reading and importing a model throw; nothing is written
 *     then.
 *
 * @example
 * const bytes = await convert(model, {description: 'digits'});
 */
export async function convert(model: ModelSource, options: ConvertOptions = {}): Promise<Uint8Array> {
  checkOptionNames(options, OPTION_NAMES, 'convert');
  const {batchSize = 1, description = '', inputShapes = {}, maxBytes = 2 ** 30, signal} = options;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw wrong('batchSize', 'a whole number of at least 1', batchSize);
  if (typeof description !== 'string') throw wrong('description', 'text', description);
  const graph = await graphOfSource(model, {inputShapes, maxBytes, signal});
  signal?.throwIfAborted();
  return writeTflite(graph, {batchSize, description});
}

function wrong(name: keyof ConvertOptions, must: string, given: unknown): TfmotError {
  return new TfmotError('invalid-argument', `${name} must be ${must}, but is ${show(given)}.`);
}

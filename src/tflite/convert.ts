import type {InputShapes} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {writeTflite} from '../formats/tflite/write/write.ts';
import {graphOfSource, type ModelSource} from '../inference/model-source.ts';
import {checkOptionNames} from '../option-names.ts';
import {show} from '../show.ts';

/** How to convert a model. */
export interface ConvertOptions {
  /**
   * How weights are stored, default `float32`. With `float16` they are rounded to halves, with `int8` to 255 levels for each
   * output channel; both are computed with as floats, which is the form that all runtimes agree on.
   */
  readonly weights?: 'float32' | 'float16' | 'int8';
  /**
   * Whether zeros are left out of the file. `auto`, the default: where it saves a quarter of a kernel, in the form that
   * runs faster where the whole model allows it. `size`: wherever it saves anything. `off`: never. No form is ever written
   * that a runtime computes wrongly.
   */
  readonly sparsity?: 'auto' | 'size' | 'off';
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
  ...(['weights', 'sparsity', 'batchSize', 'description', 'inputShapes', 'maxBytes', 'signal'] as const),
];

/** The share of a kernel's bytes that leaving zeros out must save. */
const SPARSE_FROM = {auto: 0.25, size: 0, off: null} as const;

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
  const {weights = 'float32', sparsity = 'auto'} = options;
  if (!['float32', 'float16', 'int8'].includes(weights))
    throw wrong('weights', `'float32', 'float16' or 'int8'`, weights);
  if (!Object.hasOwn(SPARSE_FROM, sparsity)) throw wrong('sparsity', `'auto', 'size' or 'off'`, sparsity);
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw wrong('batchSize', 'a whole number of at least 1', batchSize);
  if (typeof description !== 'string') throw wrong('description', 'text', description);
  const graph = await graphOfSource(model, {inputShapes, maxBytes, signal});
  signal?.throwIfAborted();
  const storage = {precision: weights, sparseFrom: SPARSE_FROM[sparsity]};
  return writeTflite(graph, {batchSize, description, storage});
}

function wrong(name: keyof ConvertOptions, must: string, given: unknown): TfmotError {
  return new TfmotError('invalid-argument', `${name} must be ${must}, but is ${show(given)}.`);
}

import type {InputShapes} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import type {IntegerIo} from '../formats/tflite/write/integer/quantize.ts';
import {legalize} from '../formats/tflite/write/legalize/index.ts';
import type {WriteOptions} from '../formats/tflite/write/write.ts';
import {writeTflite} from '../formats/tflite/write/write.ts';
import type {Graph} from '../graph/graph.ts';
import type {Input} from '../inference/feed.ts';
import {graphOfSource, type ModelSource} from '../inference/model-source.ts';
import {checkOptionNames} from '../option-names.ts';
import {show} from '../show.ts';

/** How a model is put on whole numbers. */
export interface FullIntegerOptions {
  /** Inputs to see the ranges of all tensors on, a hundred or more: batches as `predict` takes them, or one batch. */
  readonly data: Input | Iterable<Input> | AsyncIterable<Input>;
  /** What programs give and take: floats, the default, or levels. `int8` runs in native interpreters alone. */
  readonly io?: IntegerIo;
  /**
   * The range of a tensor: all that was seen, the default; without the outermost ten-thousandth; or the one on which
   * levels say most.
   */
  readonly method?: 'entropy' | 'minmax' | 'percentile';
}

/** How to convert a model. */
export interface ConvertOptions {
  /**
   * How weights are stored, default `float32`. With `float16` they are rounded to halves, with `int8` to 255 levels for
   * each output channel; both are computed with as floats, which is the form that all runtimes agree on.
   */
  readonly weights?: 'float32' | 'float16' | 'int8';
  /**
   * Whether zeros are left out of the file. `auto`, the default: where it saves a quarter of a kernel, in the form that
   * runs faster where the whole model allows it. `size`: wherever it saves anything, and sparse dense layers of 8 bits
   * share one scale. `off`: never. No form is ever written that a runtime computes wrongly.
   */
  readonly sparsity?: 'auto' | 'size' | 'off';
  /** Compute on whole numbers of 8 bits, for microcontrollers and fast phones; `weights` is `int8` then. */
  readonly fullInteger?: FullIntegerOptions;
  /**
   * How recurrent layers are written, `unrolled` by default: step by step, which every runtime computes right on every
   * call. `fused` makes one operator of an LSTM or a simple RNN with the usual functions: a short file, but LiteRT for
   * the web refuses it, and others keep the state from one call to the next, so that their variables must be reset.
   */
  readonly recurrent?: 'unrolled' | 'fused';
  /** Other names for inputs and outputs, by the model's. */
  readonly names?: Readonly<Record<string, string>>;
  /** Examples that the file computes at once, by default 1: its tensors have fixed shapes. */
  readonly batchSize?: number;
  /** Words that the file keeps about itself. */
  readonly description?: string;
  /**
   * Sizes that the model leaves open, such as the length of a sequence: shapes of inputs without the batch, by name.
   */
  readonly inputShapes?: InputShapes;
  /** Most bytes of all files that are fetched for a URL. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Stops fetching and converting; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

const INTEGER_NAMES: readonly (keyof FullIntegerOptions)[] = [...(['data', 'io', 'method'] as const)];
const OPTION_NAMES: readonly (keyof ConvertOptions)[] = [
  ...(['fullInteger', 'names', 'recurrent'] as const),
  ...(['weights', 'sparsity', 'batchSize', 'description', 'inputShapes', 'maxBytes', 'signal'] as const),
];

/** The share of a kernel's bytes that leaving zeros out must save. */
const SPARSE_FROM = {auto: 0.25, size: 0, off: null} as const;

/**
 * Converts a model to a `.tflite` file, for LiteRT on phones, in browsers and on microcontrollers.
 *
 * @param model Any form of a model that `compile` takes. Pruned models must be stripped first.
 * @throws TfmotError `invalid-argument` for wrong options, and what reading and importing a model throw; nothing is
 *     written then.
 *
 * @example
 * const bytes = await convert(model, {description: 'digits'});
 */
export async function convert(model: ModelSource, options: ConvertOptions = {}): Promise<Uint8Array> {
  checkOptionNames(options, OPTION_NAMES, 'convert');
  const {batchSize = 1, description = '', inputShapes = {}, maxBytes = 2 ** 30, signal} = options;
  const {fullInteger, sparsity = 'auto', recurrent = 'unrolled', names = {}} = options;
  const {weights = fullInteger === undefined ? 'float32' : 'int8'} = options;
  if (!['float32', 'float16', 'int8'].includes(weights))
    throw wrong('weights', `'float32', 'float16' or 'int8'`, weights);
  if (!Object.hasOwn(SPARSE_FROM, sparsity)) throw wrong('sparsity', `'auto', 'size' or 'off'`, sparsity);
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw wrong('batchSize', 'a whole number of at least 1', batchSize);
  if (recurrent !== 'unrolled' && (recurrent !== 'fused' || fullInteger !== undefined))
    throw wrong('recurrent', `'unrolled', or 'fused' without fullInteger`, recurrent);
  if (fullInteger !== undefined) checkInteger(fullInteger, weights);
  if (typeof description !== 'string') throw wrong('description', 'text', description);
  const graph = renamed(await graphOfSource(model, {inputShapes, maxBytes, signal}), names);
  signal?.throwIfAborted();
  const legal = legalize(graph, recurrent === 'fused');
  const integer = fullInteger === undefined ? null : await integerOn(legal, fullInteger, signal);
  const precision = integer === null ? weights : ('levels' as const);
  const storage = {precision, sparseFrom: SPARSE_FROM[sparsity], oneScale: sparsity === 'size'};
  return writeTflite(legal, {batchSize, description, storage, integer});
}

/** The graph with other names for its ports. */
function renamed(graph: Graph, names: Readonly<Record<string, string>>): Graph {
  if (typeof names !== 'object' || names === null || Array.isArray(names))
    throw wrong('names', 'other names by those of inputs and outputs', names);
  checkOptionNames(
    names,
    [...graph.inputs, ...graph.outputs].map(({name}) => name),
    'convert: names',
  );
  const named = (ports: Graph['inputs']): Graph['inputs'] =>
    ports.map(port => {
      const name = names[port.name] ?? port.name;
      if (typeof name !== 'string' || name === '') throw wrong('names', 'text for every name', name);
      return {...port, name};
    });
  const [inputs, outputs] = [named(graph.inputs), named(graph.outputs)];
  for (const ports of [inputs, outputs])
    if (new Set(ports.map(({name}) => name)).size < ports.length)
      throw wrong('names', 'different for all inputs, and for all outputs', names);
  return {...graph, inputs, outputs};
}

function checkInteger(options: FullIntegerOptions, weights: string): void {
  checkOptionNames(options, INTEGER_NAMES, 'convert: fullInteger');
  const {data, io = 'float32', method = 'minmax'} = options;
  if (weights !== 'int8') throw wrong('weights', `'int8' or left out with fullInteger`, weights);
  if (typeof data !== 'object' || data === null) throw wrong('fullInteger.data', 'inputs of the model', data);
  if (!['float32', 'int8', 'uint8'].includes(io)) throw wrong('fullInteger.io', `'float32', 'int8' or 'uint8'`, io);
  if (!['minmax', 'percentile', 'entropy'].includes(method))
    throw wrong('fullInteger.method', `'minmax', 'percentile' or 'entropy'`, method);
}

async function integerOn(
  graph: Graph,
  {data, io = 'float32', method = 'minmax'}: FullIntegerOptions,
  signal: AbortSignal | undefined,
): Promise<WriteOptions['integer']> {
  const {rangesOn} = await import('./ranges.ts');
  return {ranges: await rangesOn(graph, data, method, signal), io};
}

function wrong(
  name: keyof ConvertOptions | `fullInteger.${keyof FullIntegerOptions}`,
  must: string,
  given: unknown,
): TfmotError {
  return new TfmotError('invalid-argument', `${name} must be ${must}, but is ${show(given)}.`);
}

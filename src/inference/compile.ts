import type {InputShapes} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {show} from '../show.ts';
import {build} from './build.ts';
import type {Engine} from './engine.ts';
import {createEngine} from './engine.ts';
import type {KernelVariant} from './kernels/index.ts';
import {compileKernels, supportedVariant} from './kernels/index.ts';
import {graphOfSource, type ModelSource} from './model-source.ts';

/** How to compile a model. */
export interface CompileOptions {
  /**
   * Examples computed at once, by default 1. Larger batches of `predict` are cut into pieces of this size; memory for
   * activations grows with it, and from 4 on a dense layer reads its weights once for all of them.
   */
  readonly batchSize?: number;
  /** `relaxed` needs relaxed SIMD; `auto` takes it where the platform has it. Default `auto`. */
  readonly variant?: 'auto' | 'simd' | 'relaxed';
  /**
   * Sizes that the model leaves open, such as the length of a sequence: shapes of inputs without the batch, by name.
   */
  readonly inputShapes?: InputShapes;
  /**
   * Where a graph with ops that the engine lacks ends: `auto` at the last tensors that it computes, names at those.
   * What comes after, such as the decoding of boxes, is left to the caller. Not for models of layers. By default such a
   * graph is refused.
   */
  readonly cut?: 'auto' | readonly string[];
  /**
   * Measure the weight formats on this machine instead of trusting the cost model; compiling takes longer. Default
   * false.
   */
  readonly tune?: boolean;
  /** Most bytes of memory the engine may take: weights, activations and scratch. Default 1 GiB. */
  readonly maxMemoryBytes?: number;
  /** Most bytes of all files that are fetched for a URL. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Stops fetching and compiling; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

const OPTION_NAMES: readonly (keyof CompileOptions)[] = [
  ...(['batchSize', 'variant', 'inputShapes', 'cut', 'tune', 'maxMemoryBytes', 'maxBytes', 'signal'] as const),
];

/** Addresses of WebAssembly memory are 32 bits wide. */
const MAX_MEMORY_BYTES = 2 ** 32;

/**
 * Compiles a model for inference: its zeros are left out of memory and of the computation. Needs no TensorFlow.js but
 * for a live model.
 *
 * @param model What `open` takes (a URL, bytes, a Blob, files, artifacts), a `tf.LayersModel`, an open model, or an
 *     object whose `load()` gives artifacts, such as any of TensorFlow.js' IO handlers. Pruned models must be stripped
 *     first.
 * @throws TfmotError `read-failed`, `corrupt-file`, `invalid-model`, `unsupported-layer`, `unsupported-model`,
 *     `invalid-topology`, `invalid-weights` or `non-finite-weight` for a model that cannot be compiled; `memory-limit`
 *     when it needs more than `maxBytes` or `maxMemoryBytes`; `missing-webassembly` where there is no WebAssembly with
 *     SIMD, or a page's policy forbids it; `invalid-argument` for wrong options. Nothing is kept after an error.
 *
 * @example
 * const engine = await compile('/model.tfmz');
 * const probabilities = await engine.predict(pixels);
 * engine.dispose();
 */
export async function compile(model: ModelSource, options: CompileOptions = {}): Promise<Engine> {
  checkOptionNames(options, OPTION_NAMES, 'compile');
  const {batchSize = 1, variant = 'auto', tune = false, inputShapes = {}, maxMemoryBytes = 2 ** 30} = options;
  const {maxBytes = 2 ** 30, cut, signal} = options;
  checkOptions({batchSize, variant, tune, inputShapes, maxMemoryBytes, maxBytes, signal});
  checkCut(cut);
  const kind = kindOf(variant);
  await compileKernels(kind);
  const graph = await graphOfSource(model, {inputShapes, cut, maxBytes, signal});
  signal?.throwIfAborted();
  return createEngine(await build(graph, {batchSize, kind, tune, maxMemoryBytes, taps: []}));
}

/** The build of the kernels that `variant` means here. */
export function kindOf(variant: NonNullable<CompileOptions['variant']>): KernelVariant {
  return variant === 'auto' ? supportedVariant() : variant === 'simd' ? 'plain' : 'relaxed';
}

/** Options with their defaults. */
type Settings = Omit<Required<CompileOptions>, 'cut' | 'signal'> & {readonly signal: AbortSignal | undefined};

/**
 * @throws TfmotError `invalid-argument` for values that are none of an option's, `missing-webassembly` where there is
 * none.
 */
export function checkOptions(settings: Settings): void {
  const {batchSize, variant, tune, inputShapes, maxMemoryBytes, maxBytes, signal} = settings;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw wrong('batchSize', 'a whole number of at least 1', batchSize);
  if (!['auto', 'simd', 'relaxed'].includes(variant)) throw wrong('variant', `'auto', 'simd' or 'relaxed'`, variant);
  if (typeof tune !== 'boolean') throw wrong('tune', 'true or false', tune);
  if (typeof inputShapes !== 'object' || inputShapes === null || Array.isArray(inputShapes))
    throw wrong('inputShapes', 'shapes by the names of inputs', inputShapes);
  if (!(typeof maxMemoryBytes === 'number' && maxMemoryBytes > 0 && maxMemoryBytes <= MAX_MEMORY_BYTES))
    throw wrong('maxMemoryBytes', 'a number of bytes from 1 to 2 ** 32', maxMemoryBytes);
  if (!(typeof maxBytes === 'number' && maxBytes > 0)) throw wrong('maxBytes', 'a number of bytes from 1 on', maxBytes);
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== 'function')
    throw wrong('signal', 'an AbortSignal', signal);
  if (typeof WebAssembly !== 'object')
    throw new TfmotError(
      'missing-webassembly',
      'Inference needs WebAssembly with SIMD. Use a current browser or Node >= 20.',
    );
}

function checkCut(cut: unknown): void {
  if (cut === undefined || cut === 'auto') return;
  if (!Array.isArray(cut) || cut.length === 0 || !cut.every(name => typeof name === 'string'))
    throw wrong('cut', `'auto' or the names of nodes`, cut);
}

function wrong(name: keyof CompileOptions, must: string, given: unknown): TfmotError {
  return new TfmotError('invalid-argument', `${name} must be ${must}, but is ${show(given)}.`);
}

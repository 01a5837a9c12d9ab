import {TfmotError} from '../errors.ts';
import {graphOf} from '../formats/keras/graph.ts';
import type {InputShapes} from '../formats/keras/import.ts';
import type {Graph} from '../graph/graph.ts';
import {sizeOf} from '../graph/tensor.ts';
import {chooseByModel} from './choose.ts';
import type {Engine} from './engine.ts';
import {createEngine} from './engine.ts';
import {portsOf} from './feed.ts';
import type {KernelVariant} from './kernels/index.ts';
import {compileKernels, loadKernels, supportedVariant} from './kernels/index.ts';
import {lowerGraph} from './lower/index.ts';
import {planMemory} from './memory-plan.ts';
import {type ModelSource, sourceArtifacts} from './model-source.ts';
import {chooserByMeasuring} from './tune.ts';

/** How to compile a model. */
export interface CompileOptions {
  /**
   * Examples computed at once, by default 1. Larger batches of `predict` are cut into pieces of this size; memory for
   * activations grows with it, and from 4 on a dense layer reads its weights once for all of them.
   */
  readonly batchSize?: number;
  /** `relaxed` needs relaxed SIMD; `auto` takes it where the platform has it. Default `auto`. */
  readonly variant?: 'auto' | 'simd' | 'relaxed';
  /** Sizes that the model leaves open, such as the length of a sequence: shapes of inputs without the batch, by name. */
  readonly inputShapes?: InputShapes;
  /** Measure the weight formats on this machine instead of trusting the cost model; compiling takes longer. Default false. */
  readonly tune?: boolean;
  /** Most bytes of memory the engine may take: weights, activations and scratch. Default 1 GiB. */
  readonly maxMemoryBytes?: number;
}

/** Addresses of WebAssembly memory are 32 bits wide. */
const MAX_MEMORY_BYTES = 2 ** 32;

/**
 * Compiles a model for inference: its zeros are left out of memory and of the computation. Needs no TensorFlow.js when
 * given artifacts.
 *
 * @param model A `tf.LayersModel`, its artifacts, the bytes of a `.tfmz` file, or an object whose `load()` gives artifacts,
 * such as `compressed('/model.tfmz')`. Pruned models must be stripped first.
 * @throws TfmotError `corrupt-file`, `unsupported-layer`, `unsupported-model`, `invalid-topology`, `invalid-weights` or `non-finite-weight` for a
 * model that cannot be compiled; `memory-limit` when it needs more than `maxMemoryBytes`; `missing-webassembly` without
 * WebAssembly SIMD; `invalid-argument` for wrong options. Nothing is kept after an error.
 *
 * @example
 * const engine = await compile(model);
 * const probabilities = await engine.predict(pixels);
 * engine.dispose();
 */
export async function compile(model: ModelSource, options: CompileOptions = {}): Promise<Engine> {
  const {batchSize = 1, variant = 'auto', tune = false, inputShapes = {}, maxMemoryBytes = 2 ** 30} = options;
  checkOptions(batchSize, variant, maxMemoryBytes);
  const kind: KernelVariant = variant === 'auto' ? supportedVariant() : variant === 'simd' ? 'plain' : 'relaxed';
  await compileKernels(kind);
  const graph = graphOf(await sourceArtifacts(model), inputShapes);
  checkTensors(graph, batchSize, maxMemoryBytes);
  const choose = tune ? await chooserByMeasuring(kind) : chooseByModel;
  const lowered = lowerGraph(graph, batchSize, choose, maxMemoryBytes);
  const plan = planMemory(
    lowered.constants.map(constant => constant.region),
    lowered.regions,
    lowered.steps.length,
  );
  const bytes = plan.pages * 65536;
  if (bytes > maxMemoryBytes) {
    throw new TfmotError(
      'memory-limit',
      `The model must fit ${maxMemoryBytes} bytes (maxMemoryBytes), but needs ${bytes}: ${plan.weightBytes} of weights and ${plan.activationBytes} of activations at batch size ${batchSize}. Raise the limit, or lower batchSize.`,
    );
  }
  const memory = new WebAssembly.Memory({initial: plan.pages, maximum: plan.pages});
  const kernels = await loadKernels(memory, kind);
  const all = new Uint8Array(memory.buffer);
  for (const {region, bytes: content} of lowered.constants) all.set(content, region.offset);
  const machine = {kernels, floats: new Float32Array(memory.buffer), ints: new Int32Array(memory.buffer)};
  return createEngine({
    ports: portsOf(graph),
    lowered: {steps: lowered.steps, inputs: lowered.inputs, outputs: lowered.outputs},
    plan,
    machine,
    variant: kind === 'plain' ? 'simd' : 'relaxed',
    batchSize,
  });
}

/** Refuses what cannot fit before anything is packed for it. */
function checkTensors({tensors}: Graph, batchSize: number, maxMemoryBytes: number): void {
  for (const {name, shape, instances} of tensors) {
    const bytes = sizeOf(shape) * instances * batchSize * 4;
    if (bytes <= maxMemoryBytes) continue;
    throw new TfmotError(
      'memory-limit',
      `The model must fit ${maxMemoryBytes} bytes (maxMemoryBytes), but the output [${shape}] of layer '${name}' alone takes ${bytes} at batch size ${batchSize}. Raise the limit, or lower batchSize.`,
    );
  }
}

function checkOptions(batchSize: number, variant: string, maxMemoryBytes: number): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw new TfmotError('invalid-argument', `batchSize must be a whole number of at least 1, but is ${batchSize}.`);
  if (!['auto', 'simd', 'relaxed'].includes(variant))
    throw new TfmotError('invalid-argument', `variant must be 'auto', 'simd' or 'relaxed', but is '${variant}'.`);
  if (!(maxMemoryBytes > 0 && maxMemoryBytes <= MAX_MEMORY_BYTES))
    throw new TfmotError(
      'invalid-argument',
      `maxMemoryBytes must lie between 1 and 2 ** 32, but is ${maxMemoryBytes}.`,
    );
  if (typeof WebAssembly !== 'object')
    throw new TfmotError(
      'missing-webassembly',
      'Inference needs WebAssembly with SIMD. Use a current browser or Node >= 20.',
    );
}

import {TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import type {TensorId} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import {chooseByModel} from './choose.ts';
import type {EngineParts} from './engine.ts';
import {portsOf} from './feed.ts';
import type {KernelVariant} from './kernels/index.ts';
import {loadKernels} from './kernels/index.ts';
import {lowerGraph} from './lower/index.ts';
import {planMemory} from './memory-plan.ts';
import {encode} from './program/encode.ts';
import {chooserByMeasuring} from './tune.ts';

/** How to build an engine. */
interface BuildOptions {
  readonly batchSize: number;
  readonly kind: KernelVariant;
  readonly tune: boolean;
  readonly maxMemoryBytes: number;
  /** Inner tensors to be read where they are written. */
  readonly taps: readonly TensorId[];
}

/**
 * Everything an engine of a graph runs on: its program and weights are in memory.
 *
 * @throws TfmotError `memory-limit` when it needs more than `maxMemoryBytes`, before it takes them.
 */
export async function build(graph: Graph, options: BuildOptions): Promise<EngineParts> {
  const {batchSize, kind, tune, maxMemoryBytes, taps} = options;
  checkTensors(graph, batchSize, maxMemoryBytes);
  const choose = tune ? await chooserByMeasuring(kind) : chooseByModel;
  const {constants, regions, ...lowered} = lowerGraph(graph, {
    batch: batchSize,
    choose,
    maxBytes: maxMemoryBytes,
    taps,
  });
  const instructions = lowered.steps.map(step => step.instructions);
  const plan = planMemory(
    constants.map(constant => constant.region),
    regions,
    lowered.steps.length,
    encode(instructions).words.byteLength,
  );
  const bytes = plan.pages * 65536;
  if (bytes > maxMemoryBytes) {
    throw new TfmotError(
      'memory-limit',
      `The model must fit ${maxMemoryBytes} bytes (maxMemoryBytes), but needs ${bytes}: ${plan.weightBytes} of weights and ${plan.activationBytes} of activations at batch size ${batchSize}. Raise the limit, or lower batchSize.`,
    );
  }
  const memory = memoryOf(plan.pages);
  const kernels = await loadKernels(memory, kind);
  const all = new Uint8Array(memory.buffer);
  for (const {region, bytes: content} of constants) all.set(content, region.offset);
  const program = encode(instructions);
  new Int32Array(memory.buffer, plan.programAt).set(program.words);
  const machine = {kernels, floats: new Float32Array(memory.buffer), ints: new Int32Array(memory.buffer)};
  const variant = kind === 'plain' ? 'simd' : 'relaxed';
  return {ports: portsOf(graph), lowered, plan, program, machine, variant, batchSize};
}

function memoryOf(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({initial: pages, maximum: pages});
  } catch (cause) {
    throw new TfmotError(
      'memory-limit',
      `The model needs ${pages * 65536} bytes of memory, which the platform does not give. Lower batchSize, or dispose other engines.`,
      {cause},
    );
  }
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

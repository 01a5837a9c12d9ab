import {TfmotError} from '../errors.ts';
import type {Shape} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import type {Feed, Input, ModelPorts} from './feed.ts';
import {checkIndices, feedOf, readOutput, writeInput} from './feed.ts';
import type {KernelModule} from './kernels/index.ts';
import type {Lowered} from './lower/lowering.ts';
import type {MemoryPlan} from './memory-plan.ts';
import type {NestedNumbers} from './nested.ts';
import type {Program} from './program/encode.ts';
import {runSteps} from './program/run.ts';
import type {EngineDescription, OpProfile} from './report.ts';
import {describeStep} from './report.ts';
import type {NumberArray, TensorLike} from './tensors.ts';
import {isTensor, tensorMaker} from './tensors.ts';

/** Name and shape (without the batch) of an input or output. */
export interface PortDescription {
  readonly name: string;
  readonly shape: Shape;
}

/** A compiled model. Engines are independent of one another: each has its own memory. */
export interface Engine {
  readonly inputs: readonly PortDescription[];
  readonly outputs: readonly PortDescription[];
  /**
   * Computes the outputs for any number of examples. What goes in comes out: a typed array, an `ArrayBuffer` of 32-bit
   * floats or a nested list of numbers (the batch first) gives a `Float32Array`, a tensor a tensor of the same
   * TensorFlow.js, a list gives a list in the order of `outputs`, an object one by their names.
   *
   * @throws TfmotError `invalid-input` when names, lengths, shapes or dtypes do not fit; `disposed` after `dispose()`.
   *
   * @example
   * const probabilities = await engine.predict(pixels);           // Float32Array in, Float32Array out
   * const [boxes, scores] = await engine.predict([image]);        // a model of two outputs
   * const {label} = await engine.predict({image, question});      // by name
   */
  predict(input: NumberArray | ArrayBuffer): Promise<Float32Array>;
  predict<T extends TensorLike>(input: T): Promise<T>;
  predict(input: readonly NumberArray[]): Promise<Float32Array[]>;
  predict<T extends TensorLike>(input: readonly T[]): Promise<T[]>;
  predict(input: NestedNumbers): Promise<Float32Array>;
  predict(
    input: Readonly<Record<string, NumberArray | ArrayBuffer | NestedNumbers>>,
  ): Promise<Record<string, Float32Array>>;
  predict<T extends TensorLike>(input: Readonly<Record<string, T>>): Promise<Record<string, T>>;
  /** What each op became, and the bytes it takes. */
  describe(): EngineDescription;
  /** Milliseconds of each op for one pass over the input; the first passes of an engine are slower. */
  profile(input: Input): Promise<readonly OpProfile[]>;
  /** Lets the memory go; every later call throws. */
  dispose(): void;
}

/** What a program runs on: the kernels, and their memory as floats and as whole numbers. */
export interface Machine {
  readonly kernels: KernelModule;
  readonly floats: Float32Array;
  readonly ints: Int32Array;
}

/** Everything an engine runs on. */
export interface EngineParts {
  readonly ports: ModelPorts;
  readonly lowered: Omit<Lowered, 'constants' | 'regions'>;
  readonly plan: MemoryPlan;
  readonly program: Program;
  readonly machine: Machine;
  readonly variant: EngineDescription['variant'];
  readonly batchSize: number;
}

/** An engine over a plan whose weights are in memory. */
export function createEngine(parts: EngineParts): Engine {
  const {ports} = parts;
  const holder: {parts: EngineParts | null} = {parts};
  const alive = (): EngineParts => {
    if (holder.parts !== null) return holder.parts;
    throw new TfmotError('disposed', 'The engine is disposed. Compile the model again.');
  };
  return {
    inputs: ports.inputs.map(({name, shape}) => ({name, shape})),
    outputs: ports.outputs.map(({name, shape}) => ({name, shape})),
    predict: (async (input: unknown) => {
      alive();
      const feed = feedOf(ports, input);
      const numbers = await numbersOf(ports, feed);
      const like = feed.samples.find(isTensor);
      const make = like === undefined ? null : await tensorMaker(like);
      const outputs = predict(alive(), numbers, feed.examples);
      const results = outputs.map((values, i) =>
        make === null ? values : make(values, [feed.examples, ...ports.outputs[i]!.shape]),
      );
      if (feed.container === 'one') return results[0];
      if (feed.container === 'list') return results;
      return Object.fromEntries(results.map((result, i) => [ports.outputs[i]!.name, result]));
    }) as Engine['predict'],
    describe: () => describe(alive()),
    profile: async input => {
      alive();
      const feed = feedOf(ports, input);
      const numbers = await numbersOf(ports, feed);
      return profile(alive(), numbers, feed.examples);
    },
    dispose: () => {
      holder.parts = null;
    },
  };
}

/** The numbers of the inputs; indices are in their tables. */
export async function numbersOf({inputs}: ModelPorts, {samples}: Feed): Promise<ArrayLike<number>[]> {
  const numbers = await Promise.all(samples.map(sample => (isTensor(sample) ? sample.data() : sample)));
  inputs.forEach(({name, entries}, i) => {
    if (entries !== null) checkIndices(name, numbers[i]!, entries);
  });
  return numbers;
}

/** Writes some examples of the inputs into memory. */
export function writeInputs(
  {ports, lowered, machine}: EngineParts,
  numbers: readonly ArrayLike<number>[],
  first: number,
  count: number,
): void {
  lowered.inputs.forEach((value, i) => {
    const memory = ports.inputs[i]!.dtype === 'int32' ? machine.ints : machine.floats;
    writeInput(memory, value, numbers[i]!, first, count);
  });
}

/**
 * Batch by batch: writes the inputs, runs the steps, reads the outputs.
 *
 * @param runs Runs all steps over some examples.
 */
function run(
  parts: EngineParts,
  numbers: readonly ArrayLike<number>[],
  examples: number,
  runs: (examples: number) => void,
): Float32Array[] {
  const {lowered, machine, batchSize} = parts;
  const {outputs} = lowered;
  const results = outputs.map(({shape}) => new Float32Array(examples * sizeOf(shape)));
  for (let first = 0; first < examples; first += batchSize) {
    const count = Math.min(batchSize, examples - first);
    writeInputs(parts, numbers, first, count);
    runs(count);
    outputs.forEach((value, i) => {
      readOutput(machine.floats, value, results[i]!, first, count);
    });
  }
  return results;
}

function predict(parts: EngineParts, numbers: readonly ArrayLike<number>[], examples: number): Float32Array[] {
  const {lowered, machine, program, plan} = parts;
  const all = [0, lowered.steps.length] as const;
  return run(parts, numbers, examples, count => runSteps(machine.kernels, program, plan.programAt, all, count));
}

function profile(parts: EngineParts, numbers: readonly ArrayLike<number>[], examples: number): OpProfile[] {
  const {lowered, machine, program, plan} = parts;
  const times = new Float64Array(lowered.steps.length);
  run(parts, numbers, examples, count => {
    for (let step = 0; step < times.length; step++) {
      const start = performance.now();
      runSteps(machine.kernels, program, plan.programAt, [step, step + 1], count);
      times[step]! += performance.now() - start;
    }
  });
  return lowered.steps.map((step, i) => ({
    layer: step.layer,
    type: step.type,
    ms: times[i]!,
  }));
}

function describe({lowered, plan, variant, batchSize, machine}: EngineParts): EngineDescription {
  return {
    variant,
    batchSize,
    ops: lowered.steps.map(describeStep),
    weightBytes: plan.weightBytes,
    activationBytes: plan.activationBytes,
    memoryBytes: machine.floats.byteLength,
  };
}

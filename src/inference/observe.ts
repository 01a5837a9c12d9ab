import {TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import type {Shape, TensorId} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import {checkOptionNames, nearest} from '../option-names.ts';
import {show} from '../show.ts';
import {build} from './build.ts';
import type {CompileOptions} from './compile.ts';
import {checkOptions, kindOf} from './compile.ts';
import type {EngineParts} from './engine.ts';
import {numbersOf, writeInputs} from './engine.ts';
import type {Input} from './feed.ts';
import {feedOf, readOutput} from './feed.ts';
import {compileKernels} from './kernels/index.ts';
import type {ModelSource} from './model-source.ts';
import {graphOfSource} from './model-source.ts';
import {isNested} from './nested.ts';
import {runSteps} from './program/run.ts';
import {isBuffer, isNumberArray, isTensor} from './tensors.ts';

/** How to run a model that is looked at: what `compile` takes. */
export type ObserveOptions = Omit<CompileOptions, 'tune'>;

const OPTION_NAMES: readonly (keyof ObserveOptions)[] = [
  ...(['batchSize', 'variant', 'inputShapes', 'maxMemoryBytes', 'maxBytes', 'signal'] as const),
];

/** What a visitor gets of one tensor for some examples. */
export interface Observation {
  /** As it was asked for. */
  readonly tensor: string | TensorId;
  /** Of one example; behind `TimeDistributed`, the steps are its first dimension. */
  readonly shape: Shape;
  /** Place of the first of these examples among all of the data. */
  readonly first: number;
  /** How many examples these are: `batchSize`, or what is left of a batch. */
  readonly examples: number;
  /** In graph order (channels last), one example after the other. The visitor's own. */
  readonly values: Float32Array;
}

/**
 * Runs data through a model and hands out inner tensors. Each is read as soon as it is computed, so that no more memory
 * is needed than to predict.
 *
 * @param model A graph, or a model in any form that `compile` takes.
 * @param data One batch as `predict` takes it, or batches one after the other: a list or any iterable of them. A list
 *     of typed arrays or tensors is a list of batches.
 * @param tensors Names of layers, or of a graph's nodes, for their results before anything is folded into them; of a
 *     graph, indices in its `tensors`, or names of them as they are.
 * @param visit Called for `batchSize` examples and tensor after tensor, in the order in which they are computed. The
 *     run waits for a promise that it returns.
 * @throws TfmotError `invalid-argument` for a tensor that there is none of, or wrong options; `invalid-input` for
 *     batches that do not fit; what `compile` throws.
 *
 * @example
 * let largest = 0;
 * await observe(model, images, ['conv1'], ({values}) => {
 *   for (const value of values) largest = Math.max(largest, value);
 * });
 */
export async function observe(
  model: Graph | ModelSource,
  data: Input | Iterable<Input> | AsyncIterable<Input>,
  tensors: readonly (string | TensorId)[],
  visit: (observation: Observation) => void | Promise<void>,
  options: ObserveOptions = {},
): Promise<void> {
  checkOptionNames(options, OPTION_NAMES, 'observe');
  const {batchSize = 1, variant = 'auto', inputShapes = {}, maxMemoryBytes = 2 ** 30, maxBytes = 2 ** 30} = options;
  const {signal} = options;
  checkOptions({batchSize, variant, tune: false, inputShapes, maxMemoryBytes, maxBytes, signal});
  checkWanted(tensors);
  const kind = kindOf(variant);
  await compileKernels(kind);
  const keep = tensors.filter(tensor => typeof tensor === 'string');
  const graph = isGraph(model) ? model : await graphOfSource(model, {inputShapes, maxBytes, signal, keep});
  const taps = idsOf(graph, tensors);
  const settings = {batchSize, kind, tune: false, maxMemoryBytes, taps: [...taps.keys()]};
  const parts = await build({...graph, outputs: []}, settings);
  let first = 0;
  for await (const batch of isBatch(data) ? [data] : data) {
    // One output, so that a model of one input takes that alone.
    const {inputs} = parts.ports;
    const feed = feedOf({inputs, outputs: inputs.slice(0, 1)}, batch);
    const numbers = await numbersOf(parts.ports, feed);
    for (let from = 0; from < feed.examples; from += batchSize) {
      const count = Math.min(batchSize, feed.examples - from);
      writeInputs(parts, numbers, from, count);
      await look(parts, graph, count, async (id, values) => {
        const {shape, instances} = graph.tensors[id]!;
        const whole = instances === 1 ? shape : [instances, ...shape];
        for (const tensor of taps.get(id)!)
          await visit({tensor, shape: whole, first: first + from, examples: count, values});
        signal?.throwIfAborted();
      });
    }
    first += feed.examples;
  }
}

/** Runs the steps up to each tensor, and reads it. */
async function look(
  {lowered, machine, program, plan}: EngineParts,
  {tensors}: Graph,
  examples: number,
  visit: (id: TensorId, values: Float32Array) => Promise<void>,
): Promise<void> {
  let done = 0;
  for (const {tensor, step, value} of lowered.taps) {
    if (step >= done) runSteps(machine.kernels, program, plan.programAt, [done, step + 1], examples);
    done = Math.max(done, step + 1);
    const {dtype, shape, instances} = tensors[tensor]!;
    const values = new Float32Array(examples * instances * sizeOf(shape));
    readOutput(dtype === 'int32' ? machine.ints : machine.floats, value, values, 0, examples * instances);
    await visit(tensor, values);
  }
}

/** The tensors by what they were asked for, each once. */
function idsOf(
  graph: Graph,
  wanted: readonly (string | TensorId)[],
): ReadonlyMap<TensorId, readonly (string | TensorId)[]> {
  const named = new Map<string, TensorId>(graph.tensors.map(({name}, id) => [name, id]));
  for (const {name, tensor} of graph.kept ?? []) named.set(name, tensor);
  const asked = new Map<TensorId, (string | TensorId)[]>();
  for (const tensor of new Set(wanted)) {
    const id = typeof tensor === 'number' ? tensor : named.get(tensor);
    if (id === undefined || graph.tensors[id] === undefined) throw unknown(tensor, [...named.keys()]);
    asked.set(id, [...(asked.get(id) ?? []), tensor]);
  }
  return asked;
}

function unknown(tensor: string | TensorId, names: readonly string[]): TfmotError {
  const meant = typeof tensor === 'string' ? nearest(tensor, names) : undefined;
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new TfmotError('invalid-argument', `The model has no tensor ${show(tensor)} to look at.${hint}`);
}

function checkWanted(tensors: readonly (string | TensorId)[]): void {
  const all = Array.isArray(tensors) ? tensors : [tensors];
  const odd = all.find(tensor => typeof tensor !== 'string' && !Number.isSafeInteger(tensor));
  if (Array.isArray(tensors) && odd === undefined) return;
  throw new TfmotError(
    'invalid-argument',
    `tensors must be a list of names, or of indices of a graph's tensors, but ${odd === undefined ? 'is' : 'holds'} ${show(odd ?? tensors)}.`,
  );
}

function isGraph(model: Graph | ModelSource): model is Graph {
  const {tensors, ops} = (model ?? {}) as Partial<Graph>;
  return Array.isArray(tensors) && Array.isArray(ops);
}

/** One batch: whatever cannot be walked through, or holds numbers, or a nested list of them. */
function isBatch(data: Input | Iterable<Input> | AsyncIterable<Input>): data is Input {
  if (typeof data !== 'object' || data === null || isNumberArray(data) || isTensor(data) || isBuffer(data)) return true;
  if (Array.isArray(data)) return isNested(data);
  return !(Symbol.iterator in data) && !(Symbol.asyncIterator in data);
}

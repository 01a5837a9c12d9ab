import {TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import type {Shape, Tensor, TensorId} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import {nearest} from '../option-names.ts';
import {flattened, isNested, type NestedNumbers} from './nested.ts';
import type {NumberArray, Sample} from './tensors.ts';
import {examplesIn, isBuffer, isNumberArray, isTensor} from './tensors.ts';
import type {Value} from './value.ts';

/** One input, however it is given. */
type GivenSample = Sample | ArrayBuffer | NestedNumbers;

/**
 * Inputs by position (typed arrays, tensors) or by name; one alone where the model has one input and one output.
 * Buffers hold 32-bit floats; nested lists begin with the batch.
 */
export type Input = GivenSample | readonly Sample[] | Readonly<Record<string, GivenSample>>;

/** The shape a caller gave inputs in, to be given outputs in. */
export type Container = 'one' | 'list' | 'record';

/** An input or output of the model. */
export interface ModelPort {
  readonly name: string;
  /** Without the batch. */
  readonly shape: Shape;
  /** For an input of indices, the entries of the smallest table it indexes; null otherwise. */
  readonly entries: number | null;
  /** How its numbers lie in memory. */
  readonly dtype: Tensor['dtype'];
}

/** Inputs and outputs of a graph. */
export interface ModelPorts {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/** Inputs in the order of the graph, checked. */
export interface Feed {
  readonly samples: readonly Sample[];
  readonly examples: number;
  readonly container: Container;
}

/**
 * Checks inputs against the model's and puts them in its order.
 *
 * @throws TfmotError `invalid-input` for wrong names, counts, lengths, shapes or dtypes, or batches that differ.
 */
export function feedOf(ports: ModelPorts, input: unknown): Feed {
  const {samples, container} = ordered(ports, input);
  const examples = samples.map((sample, i) => examplesIn(sample, ports.inputs[i]!.name, ports.inputs[i]!.shape));
  const odd = examples.findIndex(count => count !== examples[0]);
  if (odd >= 0) {
    throw new TfmotError(
      'invalid-input',
      `All inputs must have the same batch, but '${ports.inputs[0]!.name}' has ${examples[0]} examples and '${ports.inputs[odd]!.name}' has ${examples[odd]}.`,
    );
  }
  return {samples: samples as Sample[], examples: examples[0]!, container};
}

function ordered({inputs, outputs}: ModelPorts, input: unknown): {samples: readonly unknown[]; container: Container} {
  const names = inputs.map(port => port.name);
  const nested = Array.isArray(input) && isNested(input);
  if (isNumberArray(input) || isTensor(input) || isBuffer(input) || nested) {
    if (names.length === 1 && outputs.length === 1) return {samples: [sampleOf(input, inputs[0]!)], container: 'one'};
    throw new TfmotError(
      'invalid-input',
      `A model of ${names.length} inputs and ${outputs.length} outputs takes a list of typed arrays or tensors, or an object of inputs by name (${names.join(', ')}), and gives outputs alike.`,
    );
  }
  if (Array.isArray(input)) {
    if (input.length === names.length) return {samples: input, container: 'list'};
    throw new TfmotError(
      'invalid-input',
      `The model has ${names.length} inputs (${names.join(', ')}), but the list has ${input.length}.`,
    );
  }
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    throw new TfmotError(
      'invalid-input',
      `An input must be a typed array of numbers, an ArrayBuffer of 32-bit floats, a nested list of numbers, a tensor, or a list or object of these, but is ${input === null ? 'null' : typeof input}.`,
    );
  }
  const record = input as Readonly<Record<string, unknown>>;
  const strange = Object.keys(record).find(name => !names.includes(name));
  const missing = names.find(name => !Object.hasOwn(record, name));
  if (strange !== undefined || missing !== undefined) {
    const meant = strange === undefined ? undefined : nearest(strange, names);
    const what = strange === undefined ? `'${missing}' is missing` : `'${strange}' is none of them`;
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    throw new TfmotError('invalid-input', `The model's inputs are ${names.join(', ')}, but ${what}.${hint}`);
  }
  return {samples: inputs.map(port => sampleOf(record[port.name], port)), container: 'record'};
}

/** Buffers and nested lists as the typed arrays they stand for; anything else as it is. */
function sampleOf(given: unknown, {name, shape}: ModelPort): unknown {
  if (Array.isArray(given)) return flattened(given, name, shape);
  if (!isBuffer(given)) return given;
  if (given.byteLength % 4 === 0) return new Float32Array(given);
  throw new TfmotError(
    'invalid-input',
    `Input '${name}' must be an ArrayBuffer of 32-bit floats, but has ${given.byteLength} bytes, which is no multiple of 4.`,
  );
}

/** The inputs and outputs of a graph, as an engine checks and describes them. */
export function portsOf(graph: Graph): ModelPorts {
  const entries = tableSizes(graph);
  const describe = ({name, tensor}: Graph['inputs'][number]): ModelPort => ({
    name,
    shape: graph.tensors[tensor]!.shape,
    entries: entries.get(tensor) ?? null,
    dtype: graph.tensors[tensor]!.dtype,
  });
  return {inputs: graph.inputs.map(describe), outputs: graph.outputs.map(describe)};
}

/** For each input that indexes tables, the number of entries of the smallest. */
function tableSizes(graph: Graph): ReadonlyMap<TensorId, number> {
  const sizes = new Map<TensorId, number>();
  const origin = new Map<TensorId, TensorId>(graph.inputs.map(port => [port.tensor, port.tensor]));
  for (const op of graph.ops) {
    const source = origin.get(op.inputs[0]!);
    if (source === undefined) continue;
    if (op.type === 'reshape' || op.type === 'transpose' || op.type === 'reverse') origin.set(op.outputs[0]!, source);
    if (op.type === 'embedding') sizes.set(source, Math.min(sizes.get(source) ?? Infinity, op.table.shape[0]!));
  }
  return sizes;
}

/** @throws TfmotError `invalid-input` for an index that is not in its table. */
export function checkIndices(name: string, numbers: ArrayLike<number>, entries: number): void {
  for (let i = 0; i < numbers.length; i++) {
    const index = Math.trunc(numbers[i]!);
    if (!(index >= 0 && index < entries))
      throw new TfmotError(
        'invalid-input',
        `Input '${name}' must hold indices from 0 to ${entries - 1}, but number ${i} is ${numbers[i]}.`,
      );
  }
}

/** Writes examples `first` to `first + count` of an input into memory, which is seen as the input's dtype. */
export function writeInput(
  memory: Float32Array | Int32Array,
  to: Value,
  numbers: ArrayLike<number>,
  first: number,
  count: number,
): void {
  const size = sizeOf(to.shape);
  const array = numbers as NumberArray;
  for (let i = 0; i < count; i++) {
    const at = (to.region.offset + i * to.instance) / 4;
    memory.set(array.subarray((first + i) * size, (first + i + 1) * size), at);
  }
}

/** Reads examples of an output, or instances of any tensor in graph order, from memory, which is seen as its dtype. */
export function readOutput(
  memory: Float32Array | Int32Array,
  from: Value,
  into: Float32Array,
  first: number,
  count: number,
): void {
  const size = sizeOf(from.shape);
  for (let i = 0; i < count; i++) {
    const at = (from.region.offset + i * from.instance) / 4;
    into.set(memory.subarray(at, at + size), (first + i) * size);
  }
}

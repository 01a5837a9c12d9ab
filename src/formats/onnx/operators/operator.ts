import {TfmotError} from '../../../errors.ts';
import type {Weight} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {arrangedWeight, axisOf, type Site, unsupportedNode} from '../../fold/site.ts';
import type {Constant, Value} from '../../fold/value.ts';
import {asFile, asLast, fileShape, inFileOrder, type Laid, type Turned} from '../layouts.ts';
import type {OnnxGraph, OnnxNode, OnnxTensor} from '../read-model.ts';

/** What all nodes of an import share. */
export interface Import {
  readonly turned: Turned;
  /** Whether a value is an input of the model, as it is. */
  isModelInput(value: Value): boolean;
}

/** One node of the file to add to the graph. */
export interface NodeCall extends Import {
  readonly node: OnnxNode;
  /** Version of the operators. */
  readonly opset: number;
  readonly at: Site;
  /** What its inputs are; null where one is left out. */
  readonly inputs: readonly (Laid | null)[];
  /** The outputs of a graph inside the node. */
  run(graph: OnnxGraph): readonly Laid[];
  /** A tensor among the attributes. */
  constantOf(tensor: OnnxTensor): Constant;
}

/**
 * Adds a node to the graph.
 *
 * @returns Its outputs; fewer where those that are left out are asked for by nobody.
 * @throws TfmotError `unsupported-layer` for a form of it that the graph cannot express, `invalid-topology` for one
 *     that does not fit its inputs.
 */
export type NodeImporter = (call: NodeCall) => readonly Laid[];

/** The error for a node that the graph cannot express; `why` is the rest of a sentence about it. */
export function unsupported({at}: Pick<NodeCall, 'at'>, why: string): TfmotError {
  return unsupportedNode(at, why);
}

/** The error for a node that does not fit its inputs; `what` is the rest of a sentence about it. */
export function misfit({at}: Pick<NodeCall, 'at'>, what: string): TfmotError {
  return new TfmotError('invalid-topology', `Op '${at.name}' (${at.op}) ${what}`);
}

/** A whole number among the attributes. */
export function intAttribute<T extends number | undefined>({node}: NodeCall, name: string, fallback: T): number | T {
  return node.attributes.get(name)?.int ?? fallback;
}

/** A number among the attributes. */
export function floatAttribute({node}: NodeCall, name: string, fallback: number): number {
  return node.attributes.get(name)?.float ?? fallback;
}

/** A word among the attributes. */
export function textAttribute({node}: NodeCall, name: string, fallback: string): string {
  return node.attributes.get(name)?.text ?? fallback;
}

/** Whole numbers among the attributes; undefined where there are none. */
export function intsAttribute({node}: NodeCall, name: string): readonly number[] | undefined {
  const ints = node.attributes.get(name)?.ints;
  return ints === undefined || ints.length === 0 ? undefined : ints;
}

/** Whether an input is there. */
export function hasInput({inputs}: NodeCall, index: number): boolean {
  return (inputs[index] ?? null) !== null;
}

/** An input that must be there, as it lies. */
export function laidInput(call: NodeCall, index: number): Laid {
  const laid = call.inputs[index] ?? null;
  if (laid === null) throw misfit(call, `lacks input ${index}.`);
  return laid;
}

/** An input in the order of the file. */
export function fileInput(call: NodeCall, index: number): Value {
  return asFile(call.at, call.turned, laidInput(call, index));
}

/** An input with its channels last. */
export function lastInput(call: NodeCall, index: number): Value {
  return asLast(call.at, call.turned, laidInput(call, index));
}

/** An input that must be a constant. */
export function constantInput(call: NodeCall, index: number): Constant {
  const value = fileInput(call, index);
  if (value.kind === 'constant') return value;
  throw unsupported(call, `has input ${index} computed, where inference needs a constant.`);
}

/** Most whole numbers of an input that holds axes, sizes or indices. */
const MAX_INTEGERS = 4096;

/** The whole numbers of a small constant input, such as axes or sizes. */
export function integersInput(call: NodeCall, index: number): number[] {
  const {data} = constantInput(call, index);
  if (data.length > MAX_INTEGERS) throw unsupported(call, `has ${data.length} numbers as input ${index}.`);
  const numbers = Array.from(data);
  const wrong = numbers.find(number => !Number.isInteger(number));
  if (wrong !== undefined) throw misfit(call, `has ${wrong} in input ${index}, which must be whole numbers.`);
  return numbers;
}

/** A constant input of one number. */
export function numberInput(call: NodeCall, index: number): number {
  const {data} = constantInput(call, index);
  if (data.length !== 1) throw misfit(call, `has ${data.length} numbers as input ${index}, which must be one.`);
  return data[0]!;
}

/**
 * Whole numbers that older versions of an operator have as an attribute and newer ones as an input; undefined where
 * neither is there.
 */
export function integersGiven(call: NodeCall, name: string, index: number): readonly number[] | undefined {
  return hasInput(call, index) ? integersInput(call, index) : intsAttribute(call, name);
}

/** Axes as indices from 0. */
export function axesFrom(call: NodeCall, axes: readonly number[], rank: number): number[] {
  return axes.map(axis => axisOf(call.at, axis, rank));
}

/** The one axis of an attribute, as an index from 0 into the shape of the file. */
export function axisAttribute(call: NodeCall, laid: Laid, fallback: number): number {
  return axisOf(call.at, intAttribute(call, 'axis', fallback), fileShape(laid).length);
}

/** A constant input as a vector of so many numbers. */
export function vectorWeight(call: NodeCall, index: number, count: number): Weight {
  const constant = constantInput(call, index);
  if (sizeOf(constant.shape) !== count)
    throw misfit(call, `has [${constant.shape}] as input ${index}, which must be ${count} numbers.`);
  return arrangedWeight(call.at, constant, 'vector', [count], data => data);
}

/** One output, in the order of the file. */
export function plain(value: Value): readonly Laid[] {
  return [inFileOrder(value)];
}

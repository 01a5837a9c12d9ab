import {TfmotError} from '../../../errors.ts';
import type {Shape, Weight} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {arrangedWeight, emit, flowing, type Site, tensorOf, unsupportedNode} from '../../fold/site.ts';
import type {Constant, Value} from '../../fold/value.ts';
import type {TfliteOperator} from '../read-model.ts';

/** One operator of the file to add to the graph. */
export interface OperatorCall {
  readonly operator: TfliteOperator;
  /** Where ops are added, under the name of the operator's first output. */
  readonly at: Site;
  /** What its inputs are; null where one is left out. */
  readonly inputs: readonly (Value | null)[];
  /** The shape that the file says for its first output; where sizes are open, a tool has put 1. */
  readonly declared: Shape;
  /** Examples that the file is made for; here it is one. */
  readonly batch: number;
  /** Whether a value is an input of the model, as it is. */
  readonly isModelInput: (value: Value) => boolean;
}

/**
 * Adds an operator to the graph.
 *
 * @returns Its outputs.
 * @throws TfmotError `unsupported-layer` for a form of it that the graph cannot express, `corrupt-file` for one that
 *     does not fit its tensors.
 */
export type OperatorImporter = (call: OperatorCall) => readonly Value[];

/** The error for an operator that the graph cannot express; `why` is the rest of a sentence about it. */
export function unsupported({at}: OperatorCall, why: string): TfmotError {
  return unsupportedNode(at, why);
}

/** The error for an operator that does not fit its tensors; `what` is the rest of a sentence about it. */
export function misfit({at}: Pick<OperatorCall, 'at'>, what: string): TfmotError {
  return new TfmotError('corrupt-file', `The .tflite file is damaged: op '${at.name}' (${at.op}) ${what}`);
}

/** A number among the operator's options. */
export function numberOption({operator}: OperatorCall, name: string): number {
  return Number(operator.options[name] ?? 0);
}

/** A yes or no among the operator's options. */
export function flagOption({operator}: OperatorCall, name: string): boolean {
  return operator.options[name] === true;
}

/** An input that must be there. */
export function inputOf(call: OperatorCall, index: number): Value {
  const value = call.inputs[index] ?? null;
  if (value === null) throw misfit(call, `lacks input ${index}.`);
  return value;
}

/** Whether an input is there. */
export function hasInput({inputs}: OperatorCall, index: number): boolean {
  return (inputs[index] ?? null) !== null;
}

/** An input that must be a constant. */
export function constantInput(call: OperatorCall, index: number): Constant {
  const value = inputOf(call, index);
  if (value.kind === 'constant') return value;
  throw unsupported(call, `has input ${index} computed, where inference needs a constant.`);
}

/** Most whole numbers of an input that holds axes, sizes or indices. */
const MAX_INTEGERS = 4096;

/** The whole numbers of a small constant input, such as axes or sizes. */
export function integersInput(call: OperatorCall, index: number): number[] {
  const {data} = constantInput(call, index);
  if (data.length > MAX_INTEGERS) throw unsupported(call, `has ${data.length} numbers as input ${index}.`);
  const numbers = Array.from(data);
  const wrong = numbers.find(number => !Number.isSafeInteger(number));
  if (wrong !== undefined) throw misfit(call, `has ${wrong} in input ${index}, which must be whole numbers.`);
  return numbers;
}

/** A shape that the file says for all its examples, for one of them: each comes whole before the next. */
export function forOne({batch}: OperatorCall, shape: readonly number[]): readonly number[] {
  const first = (shape[0] ?? 0) / batch;
  return batch > 1 && first >= 1 && Number.isInteger(first) ? [first, ...shape.slice(1)] : shape;
}

/**
 * Runs `body` on an input that is an image `[1, height, width, channels]`, or on each of several images that one
 * example has, such as the steps of a sequence.
 */
export function eachImage(call: OperatorCall, index: number, body: (image: Value) => Value): Value {
  const {at} = call;
  const value = inputOf(call, index);
  const [count = 1, ...shape] = value.shape;
  if (value.kind === 'constant' || count === 1 || shape.length !== 3) return body(value);
  const apart = emit(at, {type: 'reshape', shape, instances: count}, [value.id]);
  const image = body({...value, id: apart, shape: [1, ...shape]});
  const together = [count, ...image.shape.slice(1)];
  return flowing(at, emit(at, {type: 'reshape', shape: together, instances: 1}, [tensorOf(at, image)]), together);
}

/** The first of the whole numbers of an input. */
export function integerInput(call: OperatorCall, index: number): number {
  const [first] = integersInput(call, index);
  if (first === undefined) throw misfit(call, `has no number as input ${index}.`);
  return first;
}

/** A constant as a vector of so many numbers. */
export function vectorWeight(call: OperatorCall, index: number, count: number): Weight {
  const constant = constantInput(call, index);
  if (sizeOf(constant.shape) !== count)
    throw misfit(call, `has [${constant.shape}] as input ${index}, which must be ${count} numbers.`);
  return arrangedWeight(call.at, constant, 'vector', [count], data => data);
}

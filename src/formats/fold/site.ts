import {TfmotError} from '../../errors.ts';
import type {Builder} from '../../graph/builder.ts';
import type {Op} from '../../graph/ops/index.ts';
import {broadcastShapes} from '../../graph/ops/merge.ts';
import type {Attributes} from '../../graph/ops/op.ts';
import type {Shape, TensorId, Weight} from '../../graph/tensor.ts';
import {equalShapes, sizeOf} from '../../graph/tensor.ts';
import {type Constant, constantOf, type Flowing, hidesFirst, innerShape, type NumberKind, type Value} from './value.ts';

/** What all nodes of an import share. */
export interface Flow {
  readonly builder: Builder;
  /** The weight that each constant became. */
  readonly weights: Map<Constant, Weight>;
  /** The tensor that each constant became. */
  readonly tensors: Map<Constant, TensorId>;
  /** Constants in other arrangements by what these are called, each once, so that nodes that share weights go on so. */
  readonly arranged: Map<Constant, Map<string, Constant>>;
  /** Numbers that weights may still have: arrangements that a file asks for can be many times its size. */
  readonly budget: {weights: number};
}

/** Most numbers of all weights of a graph. */
const MAX_WEIGHTS = 2 ** 29;

/** One node of an import: where ops are added, and how messages call it. */
export interface Site extends Flow {
  /** Name of the node. */
  readonly name: string;
  /** Its kind, as the format calls it: `_FusedConv2D`. */
  readonly op: string;
}

/** An import that has begun with nothing. */
export function flowInto(builder: Builder): Flow {
  return {builder, weights: new Map(), tensors: new Map(), arranged: new Map(), budget: {weights: MAX_WEIGHTS}};
}

/** The error for a node that cannot become ops of the graph; `why` is the rest of a sentence about it. */
export function unsupportedNode({name, op}: Pick<Site, 'name' | 'op'>, why: string): TfmotError {
  return new TfmotError('unsupported-layer', `Op '${name}' (${op}) ${why}`);
}

/** Adds an op of one output; its tensors are those of the graph, without a batch of one. */
export function emit(at: Site, attributes: Attributes<Op>, inputs: readonly TensorId[]): TensorId {
  return at.builder.emit(at.name, attributes, inputs)[0]!;
}

/** The tensor of a value: its own, or one that holds the constant. */
export function tensorOf(at: Site, value: Value): TensorId {
  if (value.kind === 'tensor') return value.id;
  const known = at.tensors.get(value);
  if (known !== undefined) return known;
  const weight = weightOf(at, value);
  const tensor = emit(at, {type: 'constant', value: {...weight, shape: innerShape(value.shape)}}, []);
  at.tensors.set(value, tensor);
  return tensor;
}

/**
 * The weight of a constant; the same object at every call.
 *
 * @throws TfmotError `non-finite-weight` for a number that is not finite, `memory-limit` for too many of all weights.
 */
export function weightOf(at: Site, constant: Constant): Weight {
  const known = at.weights.get(constant);
  if (known !== undefined) return known;
  const {name, shape, data} = constant;
  at.budget.weights -= data.length;
  if (at.budget.weights < 0)
    throw new TfmotError('memory-limit', `The weights of the graph would have more than ${MAX_WEIGHTS} numbers.`);
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
  const wrong = numbers.findIndex(number => !Number.isFinite(number));
  if (wrong >= 0)
    throw new TfmotError(
      'non-finite-weight',
      `Weights must be finite, but element ${wrong} of '${name}', which op '${at.name}' uses, is ${numbers[wrong]}.`,
    );
  const weight = {name, shape, data: numbers};
  at.weights.set(constant, weight);
  return weight;
}

/**
 * A constant as a weight of the graph in another arrangement, the same object for all that need it so.
 *
 * @param name Of the arrangement, which `arrange` makes of the constant's numbers.
 * @throws TfmotError as {@link weightOf}.
 */
export function arrangedWeight(
  at: Site,
  constant: Constant,
  name: string,
  shape: Shape,
  arrange: (data: ArrayLike<number>) => ArrayLike<number>,
): Weight {
  const known = at.arranged.get(constant) ?? new Map<string, Constant>();
  at.arranged.set(constant, known);
  const key = `${name} [${shape}]`;
  const arranged = known.get(key) ?? constantOf(constant.name, shape, arrange(constant.data));
  known.set(key, arranged);
  return weightOf(at, arranged);
}

/** A weight made of a constant under another shape. */
export function weightAs(at: Site, constant: Constant, shape: Shape): Weight {
  const weight = weightOf(at, constant);
  return equalShapes(weight.shape, shape) ? weight : {...weight, shape};
}

/** A tensor of the graph as a value of the file's shape, which it is brought to where its own is another. */
export function flowing(at: Site, id: TensorId, shape: Shape, numbers: NumberKind = 'float'): Flowing {
  const inner = innerShape(shape);
  if (equalShapes(at.builder.tensor(id).shape, inner)) return {kind: 'tensor', id, shape, numbers};
  return {kind: 'tensor', id: emit(at, {type: 'reshape', shape: inner, instances: 1}, [id]), shape, numbers};
}

/** The tensor of a value with all dimensions that the file gives it, a first one of 1 too. */
export function wholeTensor(at: Site, value: Value): TensorId {
  const id = tensorOf(at, value);
  if (!hidesFirst(value.shape)) return id;
  return emit(at, {type: 'reshape', shape: value.shape, instances: 1}, [id]);
}

/**
 * An axis as an index from 0.
 *
 * @param axis Negative from the end.
 * @throws TfmotError `invalid-topology` beyond the rank.
 */
export function axisOf(at: Site, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(index) && index >= 0 && index < rank) return index;
  throw new TfmotError('invalid-topology', `Op '${at.name}' (${at.op}): axis ${axis} is none of ${rank} dimensions.`);
}

/**
 * The numbers of a constant operand, such as axes or sizes.
 *
 * @param what What they are, as the message calls them.
 * @throws TfmotError `unsupported-layer` for a value that is computed.
 */
export function numbersOf(at: Site, value: Value | undefined, what: string): number[] {
  if (value?.kind !== 'constant') throw unsupportedNode(at, `must have ${what} that the file says, not computes.`);
  return Array.from(value.data);
}

/** An image `[1, height, width, channels]` of a value. */
export function imageOf(at: Site, value: Value): {readonly id: TensorId; readonly shape: Shape} {
  if (value.shape.length !== 4 || value.shape[0] !== 1)
    throw unsupportedNode(at, `needs images [1, height, width, channels], but is given [${value.shape}].`);
  return {id: tensorOf(at, value), shape: value.shape};
}

/** Elements of a value. */
export const elementsOf = (value: Value): number => sizeOf(value.shape);

/**
 * The shape that shapes are stretched to.
 *
 * @throws TfmotError `invalid-topology` where they do not fit.
 */
export function commonShape(at: Site, shapes: readonly Shape[]): Shape {
  try {
    return shapes.reduce(broadcastShapes);
  } catch (error) {
    throw new TfmotError('invalid-topology', `Op '${at.name}' (${at.op}): ${(error as Error).message}.`);
  }
}

import type {Shape} from '../../graph/tensor.ts';
import {reshaped, transposed} from '../fold/arrange.ts';
import type {Site} from '../fold/site.ts';
import type {Value} from '../fold/value.ts';

/**
 * A value of the file and how its numbers lie. ONNX has channels second, `[n, c, h, w]`; the graph has them last. What
 * an op with channels makes stays `isLast`, and ops that treat all numbers alike take it as it is: only those that
 * arrange numbers bring it back to the order of the file.
 */
export interface Laid {
  readonly value: Value;
  /** Whether dimension 1 of the file is the last one of `value`. */
  readonly isLast: boolean;
}

/** Values in the other order, each turned around once. */
export type Turned = Map<Value, Value>;

/** A value in the order of the file. */
export function inFileOrder(value: Value): Laid {
  return {value, isLast: false};
}

/** A value with its channels last. */
export function channelsLast(value: Value): Laid {
  return {value, isLast: true};
}

/** The shape that the file speaks of. */
export function fileShape({value: {shape}, isLast}: Laid): Shape {
  return isLast ? [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)] : shape;
}

/** The value in the order of the file. */
export function asFile(at: Site, turned: Turned, {value, isLast}: Laid): Value {
  if (!isLast) return value;
  const rank = value.shape.length;
  return turn(at, turned, value, [0, rank - 1, ...between(1, rank - 1)]);
}

/** The value with its channels last; of less than three dimensions there is but one order. */
export function asLast(at: Site, turned: Turned, {value, isLast}: Laid): Value {
  const rank = value.shape.length;
  if (isLast || rank < 3) return value;
  return turn(at, turned, value, [0, ...between(2, rank), 1]);
}

/** The value with channels last, stretched to so many dimensions by some of 1 before its own, as ONNX broadcasts. */
export function asLastOfRank(at: Site, turned: Turned, laid: Laid, rank: number): Value {
  const {shape} = laid.value;
  if (shape.length === rank) return asLast(at, turned, laid);
  // One number, or none but channels at the end, needs no dimensions.
  if (shape.every(size => size === 1) && laid.value.kind === 'constant') return reshaped(at, laid.value, []);
  const wide = reshaped(at, asFile(at, turned, laid), [...between(shape.length, rank).map(() => 1), ...shape]);
  return asLast(at, turned, inFileOrder(wide));
}

/** Where a dimension of the file lies in `value`. */
export function placeOfAxis({value: {shape}, isLast}: Laid, axis: number): number {
  if (!isLast || axis === 0) return axis;
  return axis === 1 ? shape.length - 1 : axis - 1;
}

/** Numbers for each dimension of the file, as the dimensions of `value` lie. */
export function laidOut<T>(laid: Laid, numbers: readonly T[]): T[] {
  const result = [...numbers];
  numbers.forEach((number, axis) => {
    result[placeOfAxis(laid, axis)] = number;
  });
  return result;
}

function turn(at: Site, turned: Turned, value: Value, permutation: readonly number[]): Value {
  const known = turned.get(value);
  if (known !== undefined) return known;
  const other = transposed(at, value, permutation);
  turned.set(value, other);
  turned.set(other, value);
  return other;
}

function between(from: number, to: number): number[] {
  return Array.from({length: Math.max(0, to - from)}, (_, i) => from + i);
}

import type {Shape} from '../../graph/tensor.ts';

/** What numbers are: whole numbers divide otherwise, and hold sizes. */
export type NumberKind = 'float' | 'int' | 'bool';

/** Numbers that an importer knows: weights, sizes, axes, and what folds from them. */
export interface Constant {
  readonly kind: 'constant';
  /** Name of the node that made it. */
  readonly name: string;
  readonly shape: Shape;
  readonly numbers: NumberKind;
  /** Row-major. */
  readonly data: ArrayLike<number>;
}

/**
 * A tensor of the graph in the making. `shape` is that which the file speaks of, with a batch of one; the tensor itself
 * lacks its first dimension where that is 1 (`innerShape`).
 */
export interface Flowing {
  readonly kind: 'tensor';
  readonly id: number;
  readonly shape: Shape;
  readonly numbers: NumberKind;
}

/** What a node of a file takes and gives. */
export type Value = Constant | Flowing;

/** A constant of these numbers. */
export function constantOf(
  name: string,
  shape: Shape,
  data: ArrayLike<number>,
  numbers: NumberKind = 'float',
): Constant {
  return {kind: 'constant', name, shape, numbers, data};
}

/** The shape that the graph gives a tensor of a file: without the batch of one, where there is one. */
export function innerShape(shape: Shape): Shape {
  return hidesFirst(shape) ? shape.slice(1) : shape;
}

/** Whether the first dimension is left out in the graph. */
export function hidesFirst(shape: Shape): boolean {
  return shape[0] === 1;
}

/** Steps from an element to the next along each dimension, row-major. */
export function stepsOf(shape: Shape): number[] {
  const steps = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * shape[axis + 1]!;
  return steps;
}

/** Sizes of a tensor without its batch dimension, in elements; `[]` is one number an example. */
export type Shape = readonly number[];

/** Index of a tensor in `Graph.tensors`. */
export type TensorId = number;

/** A value that flows through the graph: what an op reads or writes for each example of a batch. */
export interface Tensor {
  /** Name of the Keras layer that makes it, for messages and reports. */
  readonly name: string;
  /** Channels last, no batch dimension. */
  readonly shape: Shape;
  /** `int32` for inputs that are nothing but indices of embeddings; everything computed is `float32`. */
  readonly dtype: 'float32' | 'int32';
  /**
   * How many such blocks one example holds: 1, except behind a `TimeDistributed` layer, where each time step is an
   * instance of its own. The leading dimension in memory is `batch * instances`.
   */
  readonly instances: number;
}

/** A trained constant. Layers that share weights share the object, so identity tells them apart. */
export interface Weight {
  readonly name: string;
  readonly shape: Shape;
  /** Row-major, in the layout Keras gives it. Never changed: a pass that folds makes a new one. */
  readonly data: Float32Array;
}

/** Zeros put around (or, negative, rows and columns cut off) the two spatial dimensions. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** No padding at all. */
export const NO_PADDING: Padding = {top: 0, bottom: 0, left: 0, right: 0};

/** Whether two shapes are the same. */
export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Product of the sizes: elements of one instance. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

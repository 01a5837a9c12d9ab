/** Single weights are ranked by magnitude. */
export interface ElementPattern {
  readonly type: 'element';
}

/**
 * Rectangles of weights live or die together, ranked by their average or largest magnitude. `size` is `[height, width]`
 * over the last two dimensions of a weight; leading dimensions are a stack of such matrices, ranked together.
 */
export interface BlockPattern {
  readonly type: 'block';
  readonly size: readonly [number, number];
  readonly pooling: 'AVG' | 'MAX';
}

/**
 * Of every `n` consecutive weights along an axis the `m` smallest are removed. A short last group of `r` weights keeps
 * `min(r, n - m)`.
 */
export interface MByNPattern {
  readonly type: 'm-by-n';
  readonly m: number;
  readonly n: number;
  /** The axis of the groups; the last but one by default, which holds the input channels of Keras kernels. */
  readonly axis?: number;
}

/** Which weights are removed together. */
export type Pattern = ElementPattern | BlockPattern | MByNPattern;

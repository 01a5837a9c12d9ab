import type {OpBase, ShapeRule} from './op.ts';

/**
 * An image `[h, w, c]` at another size. With `scale` = in / out along each dimension, output pixel `i` lies at:
 * - `i * scale` of the input, as TensorFlow 1 and TensorFlow.js' layers have it;
 * - `(i + 0.5) * scale - 0.5` with `halfPixelCenters`, as TensorFlow 2 and Keras have it (`nearest` rounds half up);
 * - `i * (in - 1) / (out - 1)` with `alignCorners`, so that first and last pixels stay where they are.
 */
export interface Resize2dOp extends OpBase {
  readonly type: 'resize2d';
  /** Height and width of the output. */
  readonly size: readonly [number, number];
  readonly interpolation: 'nearest' | 'bilinear';
  /** Not with `halfPixelCenters`. */
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Longest side of an output: what lies where is kept in a table. */
const MAX_SIDE = 2 ** 22;

export const resize2dRule: ShapeRule<Resize2dOp> = (op, [input]) => {
  if (input!.length !== 3) throw new Error('resizing needs an input [height, width, channels]');
  if (op.alignCorners && op.halfPixelCenters) throw new Error('pixels have corners to align or centres, not both');
  if (op.size.some(side => side > MAX_SIDE))
    throw new Error(`an image of [${op.size}] has a side longer than ${MAX_SIDE}`);
  return [[...op.size, input![2]!]];
};

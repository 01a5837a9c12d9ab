import type {Shape} from '../tensor.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** One number of all along some axes: over rows and columns of an image, global pooling. */
export interface ReduceOp extends OpBase {
  readonly type: 'reduce';
  readonly kind: 'max' | 'mean' | 'min' | 'product' | 'sum';
  /** Ascending, each once; 0 is the first dimension after the batch. */
  readonly axes: readonly number[];
  /** Leave a dimension of 1 where one was reduced. */
  readonly keepDims: boolean;
}

export const reduceRule: ShapeRule<ReduceOp> = ({axes, keepDims}, [input]) => {
  if (axes.length === 0 || axes.some((axis, i) => !(axis in input!) || (i > 0 && axis <= axes[i - 1]!)))
    throw new Error(`the axes [${axes}] to reduce must be of an input of ${input!.length} dimensions, in order`);
  return [keepDims ? input!.map((size, axis) => (axes.includes(axis) ? 1 : size)) : withoutAxes(input!, axes)];
};

function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Whether the op reduces an image to one number a channel, as global pooling does. */
export function poolsImage({axes}: Pick<ReduceOp, 'axes'>, input: Shape): boolean {
  return input.length === 3 && axes.length === 2 && axes[0] === 0 && axes[1] === 1;
}

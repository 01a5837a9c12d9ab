import type {Padding} from '../tensor.ts';
import {slide} from './convolution.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** Maximum or average over windows of `[h, w, c]`; padded places count for neither. */
export interface Pool2dOp extends OpBase {
  readonly type: 'pool2d';
  readonly kind: 'max' | 'average';
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

export const pool2dRule: ShapeRule<Pool2dOp> = (op, [input]) => {
  if (input!.length !== 3) throw new Error('pooling needs an input [height, width, channels]');
  return [[...slide({...op, dilations: [1, 1]}, op.size, input!), input![2]!]];
};

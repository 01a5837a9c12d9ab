import type {Weight} from '../tensor.ts';
import type {OpBase, ShapeRule} from './op.ts';

/**
 * A tensor that is the same for every example. It has no inputs; other ops read it as they read any tensor, except that
 * its `instances` of 1 fit any number. `merge` with one number a channel, or one alone, becomes an `affine` by a pass.
 */
export interface ConstantOp extends OpBase {
  readonly type: 'constant';
  readonly value: Weight;
}

export const constantRule: ShapeRule<ConstantOp> = op => [op.value.shape];

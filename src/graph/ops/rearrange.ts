import type {Shape} from '../tensor.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** The same elements in the same order under another shape (and, around `TimeDistributed`, as other instances). */
export interface ReshapeOp extends OpBase {
  readonly type: 'reshape';
  readonly shape: Shape;
  /** `Tensor.instances` of the output. */
  readonly instances: number;
}

/** Output dimension `i` is input dimension `permutation[i]`; 0 is the first dimension after the batch. */
export interface TransposeOp extends OpBase {
  readonly type: 'transpose';
  readonly permutation: readonly number[];
}

/** `[c]` -> `[times, c]`. */
export interface RepeatOp extends OpBase {
  readonly type: 'repeat';
  readonly times: number;
}

/** The first dimension (time) from its end to its beginning. */
export interface ReverseOp extends OpBase {
  readonly type: 'reverse';
}

/** The builder checks that the elements are as many, since it knows the instances too. */
export const reshapeRule: ShapeRule<ReshapeOp> = op => [op.shape];

export const transposeRule: ShapeRule<TransposeOp> = (op, [input]) => [op.permutation.map(axis => input![axis]!)];

export const repeatRule: ShapeRule<RepeatOp> = (op, [input]) => [[op.times, ...input!]];

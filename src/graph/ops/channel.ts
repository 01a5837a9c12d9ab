import type {Weight} from '../tensor.ts';
import type {Activation} from './activation.ts';
import type {OpBase, ShapeRule} from './op.ts';
import {sameShape} from './op.ts';

/** `activation(x * scale + shift)`, one pair a channel (last dimension): batch normalisation, rescaling. */
export interface AffineOp extends OpBase {
  readonly type: 'affine';
  /** `[c]` */
  readonly scale: Weight;
  /** `[c]` */
  readonly shift: Weight;
  readonly activation: Activation;
}

/** `x > 0 ? x : alpha * x`, `alpha` of the input's shape or with ones to broadcast. */
export interface PreluOp extends OpBase {
  readonly type: 'prelu';
  readonly alpha: Weight;
}

/** Softmax, or its logarithm, over the last dimension. */
export interface SoftmaxOp extends OpBase {
  readonly type: 'softmax';
  readonly log: boolean;
}

/** Zero mean and unit variance over the last `dimensions` dimensions together, then `* gamma + beta`. */
export interface LayerNormOp extends OpBase {
  readonly type: 'layer-norm';
  readonly dimensions: number;
  readonly epsilon: number;
  /** As many numbers as those dimensions have; ones and zeros where the layer trains none. */
  readonly gamma: Weight;
  readonly beta: Weight;
}

export const channelRule: ShapeRule<AffineOp | LayerNormOp | PreluOp | SoftmaxOp> = sameShape;

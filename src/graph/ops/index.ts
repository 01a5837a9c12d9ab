import type {ActivationOp} from './activation.ts';
import {activationRule} from './activation.ts';
import type {AffineOp, LayerNormOp, PreluOp, SoftmaxOp} from './channel.ts';
import {channelRule} from './channel.ts';
import type {Conv2dOp, Conv2dTransposeOp, DepthwiseConv2dOp} from './convolution.ts';
import {conv2dRule, conv2dTransposeRule, depthwiseConv2dRule} from './convolution.ts';
import type {DenseOp} from './dense.ts';
import {denseRule} from './dense.ts';
import type {ConcatOp, DotOp, MergeOp} from './merge.ts';
import {concatRule, dotRule, mergeRule} from './merge.ts';
import type {ShapeRule} from './op.ts';
import {sameShape} from './op.ts';
import type {GlobalPool2dOp, Pool2dOp} from './pooling.ts';
import {globalPool2dRule, pool2dRule} from './pooling.ts';
import type {Pad2dOp, RepeatOp, ReshapeOp, ReverseOp, TransposeOp} from './rearrange.ts';
import {pad2dRule, repeatRule, reshapeRule, transposeRule} from './rearrange.ts';
import type {EmbeddingOp, GruOp, LstmOp, SimpleRnnOp} from './recurrent.ts';
import {embeddingRule, gruRule, lstmRule, simpleRnnRule} from './recurrent.ts';
import type {Resize2dOp} from './resize.ts';
import {resize2dRule} from './resize.ts';

/** Every op there is, told apart by `type`. */
export type Op =
  | ActivationOp
  | AffineOp
  | ConcatOp
  | Conv2dOp
  | Conv2dTransposeOp
  | DenseOp
  | DepthwiseConv2dOp
  | DotOp
  | EmbeddingOp
  | GlobalPool2dOp
  | GruOp
  | LayerNormOp
  | LstmOp
  | MergeOp
  | Pad2dOp
  | Pool2dOp
  | PreluOp
  | RepeatOp
  | ReshapeOp
  | Resize2dOp
  | ReverseOp
  | SimpleRnnOp
  | SoftmaxOp
  | TransposeOp;

/** The op of one type. */
export type OpOf<T extends Op['type']> = Extract<Op, {type: T}>;

/** The shape rule of every op: the one list a new op joins besides the union above. */
export const SHAPE_RULES: {readonly [T in Op['type']]: ShapeRule<OpOf<T>>} = {
  activation: activationRule,
  affine: channelRule,
  concat: concatRule,
  conv2d: conv2dRule,
  'conv2d-transpose': conv2dTransposeRule,
  dense: denseRule,
  'depthwise-conv2d': depthwiseConv2dRule,
  dot: dotRule,
  embedding: embeddingRule,
  'global-pool2d': globalPool2dRule,
  gru: gruRule,
  'layer-norm': channelRule,
  lstm: lstmRule,
  merge: mergeRule,
  pad2d: pad2dRule,
  pool2d: pool2dRule,
  prelu: channelRule,
  repeat: repeatRule,
  reshape: reshapeRule,
  resize2d: resize2dRule,
  reverse: sameShape,
  'simple-rnn': simpleRnnRule,
  softmax: channelRule,
  transpose: transposeRule,
};

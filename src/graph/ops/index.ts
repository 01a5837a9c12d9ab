import type {ActivationOp} from './activation.ts';
import {activationRule} from './activation.ts';
import type {AffineOp, LayerNormOp, PreluOp, SoftmaxOp} from './channel.ts';
import {channelRule} from './channel.ts';
import type {ConstantOp} from './constant.ts';
import {constantRule} from './constant.ts';
import type {Conv2dOp, Conv2dTransposeOp, DepthwiseConv2dOp} from './convolution.ts';
import {conv2dRule, conv2dTransposeRule, depthwiseConv2dRule} from './convolution.ts';
import type {DenseOp} from './dense.ts';
import {denseRule} from './dense.ts';
import type {MatmulOp} from './matmul.ts';
import {matmulRule} from './matmul.ts';
import type {ConcatOp, DotOp, MergeOp} from './merge.ts';
import {concatRule, dotRule, mergeRule} from './merge.ts';
import type {ShapeRule} from './op.ts';
import {sameShape} from './op.ts';
import type {PadOp} from './pad.ts';
import {padRule} from './pad.ts';
import type {Pool2dOp} from './pooling.ts';
import {pool2dRule} from './pooling.ts';
import type {RepeatOp, ReshapeOp, ReverseOp, TransposeOp} from './rearrange.ts';
import {repeatRule, reshapeRule, transposeRule} from './rearrange.ts';
import type {EmbeddingOp, GruOp, LstmOp, SimpleRnnOp} from './recurrent.ts';
import {embeddingRule, gruRule, lstmRule, simpleRnnRule} from './recurrent.ts';
import type {ReduceOp} from './reduce.ts';
import {reduceRule} from './reduce.ts';
import type {Resize2dOp} from './resize.ts';
import {resize2dRule} from './resize.ts';
import type {SliceOp} from './slice.ts';
import {sliceRule} from './slice.ts';

/** Every op there is, told apart by `type`. */
export type Op =
  | ActivationOp
  | AffineOp
  | ConcatOp
  | ConstantOp
  | Conv2dOp
  | Conv2dTransposeOp
  | DenseOp
  | DepthwiseConv2dOp
  | DotOp
  | EmbeddingOp
  | GruOp
  | LayerNormOp
  | LstmOp
  | MatmulOp
  | MergeOp
  | PadOp
  | Pool2dOp
  | PreluOp
  | ReduceOp
  | RepeatOp
  | ReshapeOp
  | Resize2dOp
  | ReverseOp
  | SimpleRnnOp
  | SliceOp
  | SoftmaxOp
  | TransposeOp;

/** The op of one type. */
export type OpOf<T extends Op['type']> = Extract<Op, {type: T}>;

/** The shape rule of every op: the one list a new op joins besides the union above. */
export const SHAPE_RULES: {readonly [T in Op['type']]: ShapeRule<OpOf<T>>} = {
  activation: activationRule,
  affine: channelRule,
  concat: concatRule,
  constant: constantRule,
  conv2d: conv2dRule,
  'conv2d-transpose': conv2dTransposeRule,
  dense: denseRule,
  'depthwise-conv2d': depthwiseConv2dRule,
  dot: dotRule,
  embedding: embeddingRule,
  gru: gruRule,
  'layer-norm': channelRule,
  lstm: lstmRule,
  matmul: matmulRule,
  merge: mergeRule,
  pad: padRule,
  pool2d: pool2dRule,
  prelu: channelRule,
  reduce: reduceRule,
  repeat: repeatRule,
  reshape: reshapeRule,
  resize2d: resize2dRule,
  reverse: sameShape,
  'simple-rnn': simpleRnnRule,
  slice: sliceRule,
  softmax: channelRule,
  transpose: transposeRule,
};

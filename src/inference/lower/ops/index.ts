import type {Op, OpOf} from '../../../graph/ops/index.ts';
import type {Lower} from '../lowering.ts';
import {lowerConstant} from './constant.ts';
import {lowerConv2d, lowerDepthwiseConv2d} from './convolution.ts';
import {lowerConv2dTranspose} from './convolution-transpose.ts';
import {lowerDense} from './dense.ts';
import {lowerActivation, lowerAffine, lowerLayerNorm, lowerPrelu, lowerSoftmax} from './elementwise.ts';
import {lowerEmbedding} from './embedding.ts';
import {lowerMatmul} from './matmul.ts';
import {lowerConcat, lowerDot, lowerMerge} from './merge.ts';
import {lowerPad} from './pad.ts';
import {lowerPool2d} from './pooling.ts';
import {lowerRepeat, lowerReshape, lowerReverse, lowerTranspose} from './rearrange.ts';
import {lowerGru, lowerLstm, lowerSimpleRnn} from './recurrent/recurrent.ts';
import {lowerReduce} from './reduce.ts';
import {lowerResize2d} from './resize.ts';
import {lowerSlice} from './slice.ts';

/** How each op of the graph becomes kernel calls: the one list a new op joins. */
export const LOWERS: {readonly [T in Op['type']]: Lower<OpOf<T>>} = {
  activation: lowerActivation,
  affine: lowerAffine,
  concat: lowerConcat,
  constant: lowerConstant,
  conv2d: lowerConv2d,
  'conv2d-transpose': lowerConv2dTranspose,
  dense: lowerDense,
  'depthwise-conv2d': lowerDepthwiseConv2d,
  dot: lowerDot,
  embedding: lowerEmbedding,
  gru: lowerGru,
  'layer-norm': lowerLayerNorm,
  lstm: lowerLstm,
  matmul: lowerMatmul,
  merge: lowerMerge,
  pad: lowerPad,
  pool2d: lowerPool2d,
  prelu: lowerPrelu,
  reduce: lowerReduce,
  repeat: lowerRepeat,
  reshape: lowerReshape,
  resize2d: lowerResize2d,
  reverse: lowerReverse,
  'simple-rnn': lowerSimpleRnn,
  slice: lowerSlice,
  softmax: lowerSoftmax,
  transpose: lowerTranspose,
};

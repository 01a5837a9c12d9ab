import type {Graph} from '../../graph/graph.ts';
import type {Op, OpOf} from '../../graph/ops/index.ts';
import type {ChooseFormat} from '../choose.ts';
import {lowerConv2d, lowerDepthwiseConv2d} from './convolution.ts';
import {lowerConv2dTranspose} from './convolution-transpose.ts';
import {lowerDense} from './dense.ts';
import {lowerActivation, lowerAffine, lowerLayerNorm, lowerPrelu, lowerSoftmax} from './elementwise.ts';
import {lowerEmbedding} from './embedding.ts';
import type {Lower, Lowered} from './lowering.ts';
import {lowerAll} from './lowering.ts';
import {lowerConcat, lowerDot, lowerMerge} from './merge.ts';
import {lowerPool2d} from './pooling.ts';
import {lowerPad, lowerRepeat, lowerReshape, lowerReverse, lowerTranspose} from './rearrange.ts';
import {lowerGru, lowerLstm, lowerSimpleRnn} from './recurrent.ts';
import {lowerReduce} from './reduce.ts';
import {lowerResize2d} from './resize.ts';
import {unsupportedOp} from './unsupported.ts';

/** How each op of the graph becomes kernel calls: the one list a new op joins. */
const LOWERS: {readonly [T in Op['type']]: Lower<OpOf<T>>} = {
  activation: lowerActivation,
  affine: lowerAffine,
  concat: lowerConcat,
  constant: refuse,
  conv2d: lowerConv2d,
  'conv2d-transpose': lowerConv2dTranspose,
  dense: lowerDense,
  'depthwise-conv2d': lowerDepthwiseConv2d,
  dot: lowerDot,
  embedding: lowerEmbedding,
  gru: lowerGru,
  'layer-norm': lowerLayerNorm,
  lstm: lowerLstm,
  matmul: refuse,
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
  slice: refuse,
  softmax: lowerSoftmax,
  transpose: lowerTranspose,
};

/**
 * Kernel calls, memory regions and packed weights for a whole graph.
 *
 * @param choose Picks the format of each packed matrix.
 * @param maxBytes Most bytes of weights and other constants.
 * @throws TfmotError `memory-limit` when they take more, `unsupported-model` when a table is too large for its indices.
 */
export function lowerGraph(graph: Graph, batch: number, choose: ChooseFormat, maxBytes: number): Lowered {
  return lowerAll(graph, batch, choose, maxBytes, (op, lowering) => (LOWERS[op.type] as Lower<Op>)(op, lowering));
}

function refuse(op: Op): never {
  throw unsupportedOp(op);
}

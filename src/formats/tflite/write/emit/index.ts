import type {Op, OpOf} from '../../../../graph/ops/index.ts';
import type {Emit} from '../draft.ts';
import {emitActivation} from './activation.ts';
import {emitMatmul, emitMerge, emitPrelu, emitReduce, emitSoftmax} from './arithmetic.ts';
import {emitPool2d, emitResize2d} from './image.ts';
import {
  emitConcat,
  emitEmbedding,
  emitPad,
  emitRepeat,
  emitReshape,
  emitReverse,
  emitSlice,
  emitTranspose,
} from './rearrange.ts';
import {emitLstm, emitSimpleRnn} from './recurrent.ts';
import {emitConv2d, emitConv2dTranspose, emitDense, emitDepthwiseConv2d} from './weighted.ts';

/** Ops that the legal graph has none of: they become others first. */
type Spelt = 'affine' | 'constant' | 'dot' | 'gru' | 'layer-norm';

/** How each op of the legal graph becomes operators: the one list a new op joins. */
const EMITS: {readonly [T in Exclude<Op['type'], Spelt>]: Emit<OpOf<T>>} = {
  activation: emitActivation,
  concat: emitConcat,
  conv2d: emitConv2d,
  'conv2d-transpose': emitConv2dTranspose,
  dense: emitDense,
  'depthwise-conv2d': emitDepthwiseConv2d,
  embedding: emitEmbedding,
  lstm: emitLstm,
  matmul: emitMatmul,
  merge: emitMerge,
  pad: emitPad,
  pool2d: emitPool2d,
  prelu: emitPrelu,
  reduce: emitReduce,
  repeat: emitRepeat,
  reshape: emitReshape,
  resize2d: emitResize2d,
  reverse: emitReverse,
  'simple-rnn': emitSimpleRnn,
  slice: emitSlice,
  softmax: emitSoftmax,
  transpose: emitTranspose,
};

/** The operators of one op of a legal graph. */
export const emitOp: Emit<Op> = (op, draft) => (EMITS[op.type as keyof typeof EMITS] as Emit<Op>)(op, draft);

import type {Conv2dOp, Conv2dTransposeOp, DepthwiseConv2dOp} from '../../../../graph/ops/convolution.ts';
import type {DenseOp} from '../../../../graph/ops/dense.ts';
import {FUSED_ACTIVATIONS, PADDINGS} from '../../schema.ts';
import type {Emit} from '../draft.ts';
import {fusedActivation} from './activation.ts';
import {padFor} from './padding.ts';

/** `[out, h, w, in]`; the bias is never left out, because the operator wants one. */
export const emitConv2d: Emit<Conv2dOp> = (op, draft) => {
  const [kh, kw, each, filters] = op.kernel.shape as [number, number, number, number];
  const {input, padding} = padFor(op, windowOf(op, kh, kw), draft);
  const kernel = draft.kernel(op.kernel, {
    shape: [filters, kh, kw, each],
    channels: 0,
    order: 'outputs-first',
  });
  return draft.add('CONV_2D', [input, kernel, draft.bias(op.bias, filters)], draft.shapeOf(op.outputs[0]!), {
    padding,
    ...windowOptions(op),
  });
};

/** `[1, h, w, in * multiplier]`, which lies as the graph's kernel does. */
export const emitDepthwiseConv2d: Emit<DepthwiseConv2dOp> = (op, draft) => {
  const [kh, kw, channels, multiplier] = op.kernel.shape as [number, number, number, number];
  const {input, padding} = padFor(op, windowOf(op, kh, kw), draft);
  const outputs = channels * multiplier;
  const kernel = draft.kernel(op.kernel, {
    shape: [1, kh, kw, outputs],
    channels: 3,
    order: 'as-is',
  });
  return draft.add('DEPTHWISE_CONV_2D', [input, kernel, draft.bias(op.bias, outputs)], draft.shapeOf(op.outputs[0]!), {
    padding,
    multiplier,
    ...windowOptions(op),
  });
};

/** `[out, in]`. */
export const emitDense: Emit<DenseOp> = (op, draft) => {
  const [inputs, units] = op.kernel.shape as [number, number];
  const shape = draft.shapeOf(op.outputs[0]!);
  const kernel = draft.kernel(op.kernel, {
    shape: [units, inputs],
    channels: 0,
    order: 'outputs-first',
  });
  const operands = [draft.read(op.inputs[0]!), kernel, op.bias === null ? -1 : draft.bias(op.bias, units)];
  return draft.add('FULLY_CONNECTED', operands, shape, {
    activation: fusedActivation(op.activation)!,
    ...(shape.length > 2 && {keepDims: true}),
  });
};

/** `[out, h, w, in]`; of the legal graph: what is cut off is nothing, or what `SAME` cuts. */
export const emitConv2dTranspose: Emit<Conv2dTransposeOp> = (op, draft) => {
  const [kh, kw, filters, channels] = op.kernel.shape as [number, number, number, number];
  const kernel = draft.kernel(op.kernel, {
    shape: [filters, kh, kw, channels],
    channels: 0,
    order: 'filters-first',
  });
  const shape = draft.shapeOf(op.outputs[0]!);
  const {top, bottom, left, right} = op.padding;
  const isFull = top === 0 && bottom === 0 && left === 0 && right === 0;
  const operands = [draft.integers(shape), kernel, draft.read(op.inputs[0]!), draft.bias(op.bias, filters)];
  return draft.add('TRANSPOSE_CONV', operands, shape, {
    padding: isFull ? PADDINGS.valid : PADDINGS.same,
    strideWidth: op.strides[1],
    strideHeight: op.strides[0],
    activation: FUSED_ACTIVATIONS.none,
  });
};

function windowOf({strides, dilations}: Pick<Conv2dOp, 'strides' | 'dilations'>, kh: number, kw: number) {
  return {span: [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1] as const, strides};
}

function windowOptions({strides, dilations, activation}: Conv2dOp | DepthwiseConv2dOp) {
  return {
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
    activation: fusedActivation(activation)!,
  };
}

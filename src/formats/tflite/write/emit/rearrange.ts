import type {ConcatOp} from '../../../../graph/ops/merge.ts';
import type {PadOp} from '../../../../graph/ops/pad.ts';
import type {RepeatOp, ReshapeOp, ReverseOp, TransposeOp} from '../../../../graph/ops/rearrange.ts';
import type {EmbeddingOp} from '../../../../graph/ops/recurrent.ts';
import type {SliceOp} from '../../../../graph/ops/slice.ts';
import {FUSED_ACTIVATIONS, TENSOR_TYPES} from '../../schema.ts';
import type {Emit} from '../draft.ts';

/** The batch is what the others leave over, so that runtimes which can change it, may. */
export const emitReshape: Emit<ReshapeOp> = ({inputs, outputs}, draft) => {
  const shape = draft.shapeOf(outputs[0]!);
  const wanted = draft.integers([-1, ...shape.slice(1)]);
  return draft.add('RESHAPE', [draft.read(inputs[0]!), wanted], shape, {}, typeOf(draft, outputs[0]!));
};

export const emitTranspose: Emit<TransposeOp> = ({permutation, inputs, outputs}, draft) => {
  const axes = draft.integers([0, ...permutation.map(axis => axis + 1)]);
  return draft.add(
    'TRANSPOSE',
    [draft.read(inputs[0]!), axes],
    draft.shapeOf(outputs[0]!),
    {},
    typeOf(draft, outputs[0]!),
  );
};

export const emitReverse: Emit<ReverseOp> = ({inputs, outputs}, draft) =>
  draft.add(
    'REVERSE_V2',
    [draft.read(inputs[0]!), draft.integers([1])],
    draft.shapeOf(outputs[0]!),
    {},
    typeOf(draft, outputs[0]!),
  );

/** `[c]` to `[1, c]` to `[times, c]`. */
export const emitRepeat: Emit<RepeatOp> = ({times, inputs, outputs}, draft) => {
  const shape = draft.shapeOf(outputs[0]!);
  const one = [shape[0]!, 1, ...shape.slice(2)];
  const row = draft.add('RESHAPE', [draft.read(inputs[0]!), draft.integers([-1, ...one.slice(1)])], one);
  const multiples = shape.map((_, axis) => (axis === 1 ? times : 1));
  return draft.add('TILE', [row, draft.integers(multiples)], shape);
};

/** No activation: runtimes refuse it here, or do as if there were none. */
export const emitConcat: Emit<ConcatOp> = ({axis, inputs, outputs}, draft) =>
  draft.add(
    'CONCATENATION',
    inputs.map(id => draft.read(id)),
    draft.shapeOf(outputs[0]!),
    {axis: axis + 1, activation: FUSED_ACTIVATIONS.none},
  );

export const emitSlice: Emit<SliceOp> = ({begin, size, strides, inputs, outputs}, draft) => {
  const x = draft.read(inputs[0]!);
  const shape = draft.shapeOf(outputs[0]!);
  if (strides.every(stride => stride === 1))
    return draft.add('SLICE', [x, draft.integers([0, ...begin]), draft.integers([-1, ...size])], shape);
  const end = begin.map((first, axis) => first + (size[axis]! - 1) * strides[axis]! + 1);
  const bounds = [
    [0, ...begin],
    [0, ...end],
    [1, ...strides],
  ].map(numbers => draft.integers(numbers));
  // Bit 0 stands for the first dimension, whose end is left open.
  const masks = {beginMask: 0, endMask: 1, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0};
  return draft.add('STRIDED_SLICE', [x, ...bounds], shape, masks);
};

/** Of the legal graph: nothing is cut off. */
export const emitPad: Emit<PadOp> = ({before, after, mode, value, inputs, outputs}, draft) => {
  const shape = draft.shapeOf(outputs[0]!);
  const paddings = [0, 0, ...before.flatMap((first, axis) => [first, after[axis]!])];
  const operands = [draft.read(inputs[0]!), draft.integers(paddings, [paddings.length / 2, 2])];
  if (mode !== 'constant') return draft.add('MIRROR_PAD', operands, shape, {mode: mode === 'reflect' ? 0 : 1});
  if (value === 0) return draft.add('PAD', operands, shape);
  return draft.add('PADV2', [...operands, draft.floats('padding', Float32Array.of(value), [])], shape);
};

/** Rows of `[entries, size]`. */
export const emitEmbedding: Emit<EmbeddingOp> = ({table, inputs, outputs}, draft) => {
  const [id] = inputs as [number];
  let indices = draft.read(id);
  if (draft.graph.tensors[id]!.dtype === 'float32')
    indices = draft.add(
      'CAST',
      [indices],
      draft.shapeOf(id),
      {from: TENSOR_TYPES.float32, to: TENSOR_TYPES.int32},
      'int32',
    );
  return draft.add('GATHER', [draft.table(table), indices], draft.shapeOf(outputs[0]!), {axis: 0, batchDimensions: 0});
};

function typeOf(draft: Parameters<Emit<ReshapeOp>>[1], id: number): 'float32' | 'int32' {
  return draft.graph.tensors[id]!.dtype;
}

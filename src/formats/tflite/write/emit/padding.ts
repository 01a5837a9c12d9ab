import type {Op} from '../../../../graph/ops/index.ts';
import type {Padding, Shape, TensorId} from '../../../../graph/tensor.ts';
import {NO_PADDING} from '../../../../graph/tensor.ts';
import {samePadding as sameAlong} from '../../../same-padding.ts';
import {PADDINGS} from '../../schema.ts';
import type {Draft} from '../draft.ts';

/** A sliding window along both dimensions of an image: taps with what lies between them, and steps. */
export interface Window {
  readonly span: readonly [number, number];
  readonly strides: readonly [number, number];
}

/** What `SAME` puts around an image: so much that each step has an output, the odd place at the end. */
export function samePadding([height, width]: Shape, {span, strides}: Window): Padding {
  const [top, bottom] = sameAlong(height!, span[0], 1, strides[0]);
  const [left, right] = sameAlong(width!, span[1], 1, strides[1]);
  return {top, bottom, left, right};
}

/** Whether two paddings are the same. */
export function equalPadding(a: Padding, b: Padding): boolean {
  return a.top === b.top && a.bottom === b.bottom && a.left === b.left && a.right === b.right;
}

/** The input of a windowed op as its operator takes it, and the padding which that does itself. */
export function padFor(
  op: Op & {readonly padding: Padding},
  window: Window,
  draft: Draft,
): {readonly input: number; readonly padding: number} {
  const [id] = op.inputs as [TensorId];
  const {shape} = draft.graph.tensors[id]!;
  const input = draft.read(id);
  if (equalPadding(op.padding, NO_PADDING)) return {input, padding: PADDINGS.valid};
  if (equalPadding(op.padding, samePadding(shape, window)) && !draft.padsApart(op))
    return {input, padding: PADDINGS.same};
  const {top, bottom, left, right} = op.padding;
  const [batch, height, width, channels] = draft.shapeOf(id) as [number, number, number, number];
  const padded = draft.add(
    'PAD',
    [input, draft.integers([0, 0, top, bottom, left, right, 0, 0], [4, 2])],
    [batch, height + top + bottom, width + left + right, channels],
  );
  return {input: padded, padding: PADDINGS.valid};
}

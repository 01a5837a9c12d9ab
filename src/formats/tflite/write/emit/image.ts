import type {Pool2dOp} from '../../../../graph/ops/pooling.ts';
import type {Resize2dOp} from '../../../../graph/ops/resize.ts';
import {FUSED_ACTIVATIONS} from '../../schema.ts';
import type {Emit} from '../draft.ts';
import {padFor} from './padding.ts';

/** Of the legal graph: without padding or with that of `SAME`, whose places count for neither kind. */
export const emitPool2d: Emit<Pool2dOp> = (op, draft) => {
  const {input, padding} = padFor(op, {span: op.size, strides: op.strides}, draft);
  const name = op.kind === 'max' ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D';
  return draft.add(name, [input], draft.shapeOf(op.outputs[0]!), {
    padding,
    strideHeight: op.strides[0],
    strideWidth: op.strides[1],
    filterHeight: op.size[0],
    filterWidth: op.size[1],
    activation: FUSED_ACTIVATIONS.none,
  });
};

export const emitResize2d: Emit<Resize2dOp> = (op, draft) =>
  draft.add(
    op.interpolation === 'bilinear' ? 'RESIZE_BILINEAR' : 'RESIZE_NEAREST_NEIGHBOR',
    [draft.read(op.inputs[0]!), draft.integers(op.size)],
    draft.shapeOf(op.outputs[0]!),
    {alignCorners: op.alignCorners, halfPixelCenters: op.halfPixelCenters},
  );

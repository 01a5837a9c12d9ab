import type {Op} from '../ops/index.ts';
import {imagePaddingOf} from '../ops/pad.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/** Zero padding before a convolution becomes the convolution's own; other readers keep the padded image. */
export const foldPadding: Pass = graph => {
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op>();
  for (const op of graph.ops) {
    if (op.type !== 'conv2d' && op.type !== 'depthwise-conv2d') continue;
    const pad = writers.get(op.inputs[0]!);
    if (pad?.type !== 'pad') continue;
    const around = imagePaddingOf(pad);
    if (around === null) continue;
    const {top, bottom, left, right} = around;
    if (Math.min(top, bottom, left, right) < 0) continue;
    const padding = {
      top: op.padding.top + top,
      bottom: op.padding.bottom + bottom,
      left: op.padding.left + left,
      right: op.padding.right + right,
    };
    replaced.set(op, {...op, padding, inputs: pad.inputs});
  }
  return rewrite(graph, replaced, new Map());
};

import {RELU} from '../ops/activation.ts';
import type {Op, OpOf} from '../ops/index.ts';
import {equalShapes, sizeOf} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/** A minimum after a ReLU without one of its own is the ReLU's maximum. */
export const boundRelus: Pass = graph => {
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op>();
  for (const op of graph.ops) {
    if (op.type !== 'merge' || op.kind !== 'minimum' || op.inputs.length !== 2 || op.activation.type !== 'linear')
      continue;
    const at = op.inputs.findIndex(id => writers.get(id)?.type === 'constant');
    const before = writers.get(op.inputs[1 - at] ?? -1);
    if (at < 0 || before?.type !== 'activation' || before.activation.type !== 'relu') continue;
    const {value} = writers.get(op.inputs[at]!) as OpOf<'constant'>;
    const {maxValue, slope, threshold} = before.activation;
    const [bound] = value.data as unknown as [number];
    if (sizeOf(value.shape) !== 1 || bound < 0 || slope !== 0 || threshold !== 0) continue;
    if (!equalShapes(graph.tensors[before.outputs[0]!]!.shape, graph.tensors[op.outputs[0]!]!.shape)) continue;
    replaced.set(op, {...before, activation: {...RELU, maxValue: Math.min(maxValue, bound)}, outputs: op.outputs});
  }
  return rewrite(graph, replaced, new Map());
};

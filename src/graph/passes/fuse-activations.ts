import type {Op} from '../ops/index.ts';
import type {TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {readersOf, rewrite, writersOf} from './rewrite.ts';

/** An activation right after an op that can apply one, and whose plain value nobody else reads, becomes that op's. */
export const fuseActivations: Pass = graph => {
  const readers = readersOf(graph);
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op | null>();
  const renamed = new Map<TensorId, TensorId>();
  for (const op of graph.ops) {
    if (op.type !== 'activation') continue;
    const before = writers.get(op.inputs[0]!);
    if (before === undefined || !takesActivation(before) || before.activation.type !== 'linear') continue;
    if (readers[before.outputs[0]!] !== 1 || replaced.has(before)) continue;
    replaced.set(before, {...before, activation: op.activation});
    replaced.set(op, null);
    renamed.set(op.outputs[0]!, before.outputs[0]!);
  }
  return rewrite(graph, replaced, renamed);
};

const FUSING = ['affine', 'conv2d', 'conv2d-transpose', 'dense', 'depthwise-conv2d', 'merge'] as const;

function takesActivation(op: Op): op is Extract<Op, {type: (typeof FUSING)[number]}> {
  return (FUSING as readonly string[]).includes(op.type);
}

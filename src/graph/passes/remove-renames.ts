import type {Graph} from '../graph.ts';
import type {Op} from '../ops/index.ts';
import type {Tensor, TensorId} from '../tensor.ts';
import {equalShapes} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/**
 * Reshapes and transposes that undo one another, or change nothing, go; of several in a row one remains. What then
 * nobody reads is left for `removeDead`.
 */
export const removeRenames: Pass = graph => {
  let current = graph;
  for (;;) {
    const next = step(current);
    if (next === current) return current;
    current = next;
  }
};

function step(graph: Graph): Graph {
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op | null>();
  const renamed = new Map<TensorId, TensorId>();
  for (const op of graph.ops) {
    const input = op.inputs[0]!;
    const before = writers.get(input);
    if (before !== undefined && replaced.has(before)) continue;
    if (op.type === 'reshape') {
      if (isSame(graph.tensors[input]!, graph.tensors[op.outputs[0]!]!)) drop(op, input);
      else if (before?.type === 'reshape') replaced.set(op, {...op, inputs: before.inputs});
    } else if (op.type === 'transpose') {
      if (op.permutation.every((axis, i) => axis === i)) drop(op, input);
      else if (before?.type === 'transpose') {
        const permutation = op.permutation.map(axis => before.permutation[axis]!);
        replaced.set(op, {...op, permutation, inputs: before.inputs});
      }
    }
  }
  return rewrite(graph, replaced, renamed);

  function drop(op: Op, input: TensorId): void {
    replaced.set(op, null);
    renamed.set(op.outputs[0]!, input);
  }
}

function isSame(a: Tensor, b: Tensor): boolean {
  return a.instances === b.instances && equalShapes(a.shape, b.shape);
}

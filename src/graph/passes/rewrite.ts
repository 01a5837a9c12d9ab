import type {Graph} from '../graph.ts';
import type {Op} from '../ops/index.ts';
import type {TensorId} from '../tensor.ts';

/** One simplification: a new graph that computes the same, or the old one where there is nothing to do. */
export type Pass = (graph: Graph) => Graph;

/** How often each tensor is read, by ops and as an output of the graph. */
export function readersOf(graph: Graph): Int32Array {
  const readers = new Int32Array(graph.tensors.length);
  for (const op of graph.ops) for (const id of op.inputs) readers[id]!++;
  for (const port of graph.outputs) readers[port.tensor]!++;
  return readers;
}

/** The op that writes each tensor. */
export function writersOf(graph: Graph): ReadonlyMap<TensorId, Op> {
  return new Map(graph.ops.flatMap(op => op.outputs.map(id => [id, op] as const)));
}

/**
 * Replaces ops, and lets tensors stand for others.
 *
 * @param replaced What becomes of an op: another op, or null to leave it out. Ops not in the map stay.
 * @param renamed Tensor to read instead of another; chains are followed.
 */
export function rewrite(
  graph: Graph,
  replaced: ReadonlyMap<Op, Op | null>,
  renamed: ReadonlyMap<TensorId, TensorId>,
): Graph {
  if (replaced.size === 0 && renamed.size === 0) return graph;
  const last = new Map<TensorId, TensorId>();
  const resolve = (id: TensorId): TensorId => {
    const passed: TensorId[] = [];
    let current = id;
    for (let next = id; ; next = last.get(current) ?? renamed.get(current)!) {
      current = next;
      if (!renamed.has(current)) break;
      passed.push(current);
    }
    // Long chains are walked once.
    for (const tensor of passed) last.set(tensor, current);
    return current;
  };
  const ops: Op[] = [];
  for (const op of graph.ops) {
    const kept = replaced.has(op) ? replaced.get(op)! : op;
    if (kept !== null) ops.push({...kept, inputs: kept.inputs.map(resolve)});
  }
  const outputs = graph.outputs.map(port => ({...port, tensor: resolve(port.tensor)}));
  return {...graph, ops, outputs};
}

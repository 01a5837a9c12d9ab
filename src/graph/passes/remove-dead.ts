import type {Op} from '../ops/index.ts';
import type {TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';

/** Ops whose results nobody reads go, and tensors are numbered anew without theirs. */
export const removeDead: Pass = graph => {
  const live = new Set<TensorId>(graph.outputs.map(port => port.tensor));
  const kept: Op[] = [];
  for (let i = graph.ops.length - 1; i >= 0; i--) {
    const op = graph.ops[i]!;
    if (!op.outputs.some(id => live.has(id))) continue;
    for (const id of op.inputs) live.add(id);
    for (const id of op.outputs) live.add(id);
    kept.push(op);
  }
  for (const port of graph.inputs) live.add(port.tensor);
  const ids = [...live].sort((a, b) => a - b);
  const renumbered = new Map(ids.map((id, i) => [id, i]));
  const moved = (id: TensorId): TensorId => renumbered.get(id)!;
  return {
    ...graph,
    inputs: graph.inputs.map(port => ({...port, tensor: moved(port.tensor)})),
    outputs: graph.outputs.map(port => ({...port, tensor: moved(port.tensor)})),
    tensors: ids.map(id => graph.tensors[id]!),
    ops: kept.reverse().map(op => ({...op, inputs: op.inputs.map(moved), outputs: op.outputs.map(moved)})),
  };
};

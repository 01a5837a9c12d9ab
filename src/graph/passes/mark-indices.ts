import type {Op} from '../ops/index.ts';
import type {Tensor, TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';

/**
 * Inputs that nothing but embeddings read, at most moved before, hold whole numbers: as `int32` they are exact beyond
 * 2^24, where floats are not.
 */
export const markIndices: Pass = graph => {
  const readAsIndex = new Set<TensorId>();
  const readOtherwise = new Set<TensorId>(graph.outputs.map(port => port.tensor));
  // From behind, so that what becomes of a moved tensor is known before the tensor.
  for (let i = graph.ops.length - 1; i >= 0; i--) {
    const op = graph.ops[i]!;
    const output = op.outputs[0]!;
    const asIndex = op.type === 'embedding' || (isMove(op) && readAsIndex.has(output) && !readOtherwise.has(output));
    for (const id of op.inputs) (asIndex ? readAsIndex : readOtherwise).add(id);
  }
  const whole = new Set(
    graph.inputs.map(port => port.tensor).filter(id => readAsIndex.has(id) && !readOtherwise.has(id)),
  );
  if (whole.size === 0) return graph;
  for (const op of graph.ops) if (isMove(op) && whole.has(op.inputs[0]!)) whole.add(op.outputs[0]!);
  const tensors = graph.tensors.map((tensor, id): Tensor => (whole.has(id) ? {...tensor, dtype: 'int32'} : tensor));
  return {...graph, tensors};
};

/** Ops that put numbers elsewhere and compute nothing. */
function isMove(op: Op): boolean {
  return op.type === 'reshape' || op.type === 'transpose' || op.type === 'reverse';
}

import type {ActivationOp} from '../ops/activation.ts';
import type {Op} from '../ops/index.ts';
import type {Tensor, TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {readersOf, rewrite, writersOf} from './rewrite.ts';

/**
 * An activation behind reshapes and transposes that nobody else reads moves before them, where an op may take it over
 * and what then stands side by side may cancel.
 */
export const raiseActivations: Pass = graph => {
  const readers = readersOf(graph);
  const writers = writersOf(graph);
  const tensors: Tensor[] = [...graph.tensors];
  const renamed = new Map<TensorId, TensorId>();
  const replaced = new Map<Op, null>();
  /** Activations by the output of the op that they go before. */
  const raised = new Map<TensorId, ActivationOp>();
  for (const op of graph.ops) {
    if (op.type !== 'activation') continue;
    const [input] = op.inputs as [TensorId];
    let top: Op | undefined;
    for (let before = writers.get(input); isRename(before); before = writers.get(before.inputs[0]!)) {
      if (readers[before.outputs[0]!] !== 1) break;
      top = before;
    }
    if (top === undefined) continue;
    const source = graph.tensors[top.inputs[0]!]!;
    raised.set(top.outputs[0]!, {...op, outputs: [tensors.push({...source, name: op.layer}) - 1]});
    replaced.set(op, null);
    renamed.set(op.outputs[0]!, input);
  }
  if (raised.size === 0) return graph;
  const rest = rewrite(graph, replaced, renamed);
  const ops = rest.ops.flatMap((op): Op[] => {
    const activation = raised.get(op.outputs[0]!);
    if (activation === undefined) return [op];
    return [
      {...activation, inputs: op.inputs},
      {...op, inputs: activation.outputs},
    ];
  });
  return {...rest, tensors, ops};
};

function isRename(op: Op | undefined): op is Extract<Op, {type: 'reshape' | 'transpose'}> {
  return op?.type === 'reshape' || op?.type === 'transpose';
}

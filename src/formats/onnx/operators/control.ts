import {selected} from '../../fold/elementwise.ts';
import {alignedValues} from './elementwise.ts';
import {fileInput, misfit, type NodeImporter, unsupported} from './operator.ts';

/** One of two graphs: where the condition is known the one that it chooses, else both, and then their outputs. */
export const choose: NodeImporter = call => {
  const condition = fileInput(call, 0);
  const branches = ['then_branch', 'else_branch'].map(name => {
    const graph = call.node.attributes.get(name)?.graph;
    if (graph === undefined) throw misfit(call, `lacks ${name}.`);
    return graph;
  });
  if (condition.kind === 'constant') return call.run(branches[condition.data[0] ? 0 : 1]!);
  const [yes, no] = branches.map(graph => call.run(graph)) as [ReturnType<NodeImporter>, ReturnType<NodeImporter>];
  return yes.map((then, i) => {
    const otherwise = no[i];
    if (otherwise === undefined) throw misfit(call, 'has branches of different outputs.');
    const {values, isLast} = alignedValues(call, [then, otherwise]);
    const [a, b] = values as [(typeof values)[number], (typeof values)[number]];
    if (String(a.shape) !== String(b.shape))
      throw unsupported(call, `chooses between [${a.shape}] and [${b.shape}] by what is computed.`);
    return {isLast, value: selected(call.at, condition, a, b)};
  });
};

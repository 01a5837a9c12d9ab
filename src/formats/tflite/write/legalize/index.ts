import {createBuilder} from '../../../../graph/builder.ts';
import type {Graph} from '../../../../graph/graph.ts';
import type {Conv2dOp, DepthwiseConv2dOp} from '../../../../graph/ops/convolution.ts';
import type {DenseOp} from '../../../../graph/ops/dense.ts';
import type {Op, OpOf} from '../../../../graph/ops/index.ts';
import type {Attributes} from '../../../../graph/ops/op.ts';
import {markIndices} from '../../../../graph/passes/mark-indices.ts';
import {removeDead} from '../../../../graph/passes/remove-dead.ts';
import type {TensorId} from '../../../../graph/tensor.ts';
import {activationRule, splitActivation} from './activation.ts';
import {affineRule, layerNormRule, preluRule} from './channel.ts';
import {fusedOr} from './fused-recurrent.ts';
import {dotRule, matmulRule, mergeRule} from './merge.ts';
import {gruRule, lstmRule, simpleRnnRule} from './recurrent.ts';
import type {Rule} from './speller.ts';
import {createSpeller} from './speller.ts';
import {conv2dTransposeRule, padRule, pool2dRule} from './window.ts';

/** How ops are spelt out that are not one operator of the format; those without a rule always are one. */
const RULES: {readonly [T in Op['type']]?: Rule<OpOf<T>>} = {
  activation: activationRule,
  affine: affineRule,
  conv2d: (op, inputs, speller) => splitActivation<Conv2dOp>(op, inputs, speller),
  'conv2d-transpose': conv2dTransposeRule,
  dense: (op, inputs, speller) => splitActivation<DenseOp>(op, inputs, speller),
  'depthwise-conv2d': (op, inputs, speller) => splitActivation<DepthwiseConv2dOp>(op, inputs, speller),
  dot: dotRule,
  gru: gruRule,
  'layer-norm': layerNormRule,
  lstm: lstmRule,
  matmul: matmulRule,
  merge: mergeRule,
  pad: padRule,
  pool2d: pool2dRule,
  prelu: preluRule,
  'simple-rnn': simpleRnnRule,
};

/** The same with recurrent layers as operators that keep their state, where they have such a form. */
const FUSED_RULES: typeof RULES = {...RULES, lstm: fusedOr(lstmRule), 'simple-rnn': fusedOr(simpleRnnRule)};

/**
 * The graph in ops that are one operator of the format each, so that every tensor of the file which needs a scale is
 * one of the graph. It computes the same.
 *
 * @param fuses Keep recurrent layers as operators that most runtimes compute right on the first call alone.
 */
export function legalize(graph: Graph, fuses = false): Graph {
  const rules = fuses ? FUSED_RULES : RULES;
  const builder = createBuilder();
  const constants = new Set<TensorId>();
  const known = new Map<TensorId, TensorId>();
  const emit = (layer: string, attributes: Attributes<Op>, inputs: readonly TensorId[]): readonly TensorId[] => {
    const rule = rules[attributes.type] as Rule<Op> | undefined;
    const spelt = rule?.(attributes, inputs, createSpeller(layer, builder, emit, constants)) ?? null;
    if (spelt !== null) return spelt;
    const outputs = builder.emit(layer, attributes, inputs);
    if (attributes.type === 'constant') constants.add(outputs[0]!);
    return outputs;
  };
  const inputs = graph.inputs.map(({name, tensor}) => {
    known.set(tensor, builder.input(name, graph.tensors[tensor]!.shape));
    return {name, tensor: known.get(tensor)!};
  });
  for (const {layer, inputs: read, outputs, ...attributes} of graph.ops) {
    const spelt = emit(
      layer,
      attributes as Attributes<Op>,
      read.map(id => known.get(id)!),
    );
    outputs.forEach((id, i) => {
      known.set(id, spelt[i]!);
    });
  }
  const given = new Set<TensorId>([...inputs.map(({tensor}) => tensor), ...constants]);
  const outputs = graph.outputs.map(({name, tensor: id}) => {
    const tensor = known.get(id)!;
    if (!given.has(tensor)) return {name, tensor};
    // A runtime gives a wrong answer for an output that nothing computes.
    const {merge} = createSpeller(name, builder, emit, constants);
    return {name, tensor: merge('multiply', tensor, {number: 1})};
  });
  return markIndices(removeDead(builder.finish(inputs, outputs)));
}

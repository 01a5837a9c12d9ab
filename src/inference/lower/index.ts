import type {Graph} from '../../graph/graph.ts';
import type {Op} from '../../graph/ops/index.ts';
import type {TensorId} from '../../graph/tensor.ts';
import {emitterOf} from '../program/emitter.ts';
import type {Region} from '../value.ts';
import {flat} from '../value.ts';
import type {Constant, Lower, Lowered, Lowering, LoweringOptions, Step, Tap} from './lowering.ts';
import {LOWERS} from './ops/index.ts';
import {placementInto} from './placement.ts';
import {valuesOf} from './values.ts';

/**
 * Lowers every op in order: kernel calls, memory regions and packed weights for a whole graph, inputs and outputs in
 * graph order.
 *
 * @throws TfmotError `memory-limit` when constants take more than `maxBytes`, `unsupported-model` when a table is too
 *     large for its indices.
 */
export function lowerGraph(graph: Graph, {batch, choose, maxBytes, taps: wanted}: LoweringOptions): Lowered {
  const regions: Region[] = [];
  const constants: Constant[] = [];
  const steps: Step[] = [];
  const step = (): Step => steps.at(-1)!;
  const emitter = emitterOf(batch, () => step().instructions);
  const placement = placementInto(constants, maxBytes, step);
  const values = valuesOf(graph, batch, regions, emitter, placement.constantValue, () => steps.length - 1);
  const lowering: Lowering = {
    ...emitter,
    ...values,
    ...placement,
    choose,
    maxBytes,
    tensor: id => graph.tensors[id]!,
    instancesOf: id => batch * graph.tensors[id]!.instances,
  };
  const inputs = graph.inputs.map(({tensor}) => values.write(tensor, flat(graph.tensors[tensor]!.shape, batch)));
  const taps: Tap[] = [];
  const tapped = new Set(wanted);
  const tap = (tensor: TensorId): void => {
    if (tapped.has(tensor)) taps.push({tensor, step: steps.length - 1, value: values.read(tensor, 'flat')});
  };
  for (const {tensor} of graph.inputs) tap(tensor);
  for (const op of graph.ops) {
    steps.push(emptyStep(op));
    (LOWERS[op.type] as Lower<Op>)(op, lowering);
    op.outputs.forEach(tap);
  }
  if (steps.length === 0) steps.push(emptyStep(null));
  // Outputs are read after the last step, in graph order; the conversion belongs to the last op.
  const outputs = graph.outputs.map(port => {
    const value = values.read(port.tensor, 'flat');
    value.region.last = Number.POSITIVE_INFINITY;
    return value;
  });
  return {steps, regions, constants, inputs, outputs, taps};
}

function emptyStep(op: Op | null): Step {
  const numbers = {nonZeros: 0, weightBytes: 0, multiplyAdds: 0, skippedMultiplyAdds: 0};
  return {layer: op?.layer ?? '', type: op?.type ?? 'copy', instructions: [], format: null, ...numbers};
}

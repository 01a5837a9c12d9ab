import type {Op} from '../ops/index.ts';
import type {Pass} from './rewrite.ts';
import {readersOf, rewrite, writersOf} from './rewrite.ts';

/** A factor and a summand a channel after a layer normalisation over the last dimension become its own. */
export const foldIntoLayerNorms: Pass = graph => {
  const writers = writersOf(graph);
  const readers = readersOf(graph);
  const replaced = new Map<Op, Op | null>();
  for (const op of graph.ops) {
    if (op.type !== 'affine' || op.activation.type !== 'linear') continue;
    const before = writers.get(op.inputs[0]!);
    const norm = before === undefined ? undefined : (replaced.get(before) ?? before);
    if (norm?.type !== 'layer-norm' || norm.dimensions !== 1 || readers[norm.outputs[0]!] !== 1) continue;
    const {scale, shift} = op;
    const gamma = {...norm.gamma, data: norm.gamma.data.map((factor, c) => factor * scale.data[c]!)};
    const beta = {...norm.beta, data: norm.beta.data.map((summand, c) => summand * scale.data[c]! + shift.data[c]!)};
    replaced.set(before!, null);
    replaced.set(op, {...norm, layer: op.layer, gamma, beta, outputs: op.outputs});
  }
  return rewrite(graph, replaced, new Map());
};

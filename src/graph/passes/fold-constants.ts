import type {Op} from '../ops/index.ts';
import type {TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {readersOf, rewrite, writersOf} from './rewrite.ts';

/**
 * Two factors and summands in a row (rescaling, then batch normalisation) become one; `x * 1 + 0` becomes `x`. Factors
 * of a layer that is called more than once are left alone, or their copies would cost memory.
 */
export const foldConstants: Pass = graph => {
  const readers = readersOf(graph);
  const writers = writersOf(graph);
  const uses = usesOf(graph.ops);
  const replaced = new Map<Op, Op | null>();
  const renamed = new Map<TensorId, TensorId>();
  for (const op of graph.ops) {
    if (op.type !== 'affine') continue;
    const {scale, shift} = op;
    if (op.activation.type === 'linear' && scale.data.every(x => x === 1) && shift.data.every(x => x === 0)) {
      replaced.set(op, null);
      renamed.set(op.outputs[0]!, op.inputs[0]!);
      continue;
    }
    const before = writers.get(op.inputs[0]!);
    if (before?.type !== 'affine' || before.activation.type !== 'linear' || replaced.has(before)) continue;
    if (readers[before.outputs[0]!] !== 1 || uses.get(before.scale.data)! > 1 || uses.get(scale.data)! > 1) continue;
    const factors = scale.data.map((factor, c) => factor * before.scale.data[c]!);
    const summands = shift.data.map((summand, c) => summand + scale.data[c]! * before.shift.data[c]!);
    replaced.set(before, null);
    replaced.set(op, {
      ...op,
      inputs: before.inputs,
      scale: {...scale, data: factors},
      shift: {...shift, data: summands},
    });
  }
  return rewrite(graph, replaced, renamed);
};

function usesOf(ops: readonly Op[]): ReadonlyMap<Float32Array, number> {
  const uses = new Map<Float32Array, number>();
  for (const op of ops) if (op.type === 'affine') uses.set(op.scale.data, (uses.get(op.scale.data) ?? 0) + 1);
  return uses;
}

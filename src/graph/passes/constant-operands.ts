import {RELU} from '../ops/activation.ts';
import type {AffineOp} from '../ops/channel.ts';
import type {Op, OpOf} from '../ops/index.ts';
import type {Shape, TensorId, Weight} from '../tensor.ts';
import {equalShapes} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/**
 * A `merge` of a tensor with a constant becomes what says more: an `affine` for one number a channel or one alone, a
 * ReLU for a maximum with zero and a minimum after it, a function of one number for powers and `1 / x`.
 */
export const simplifyConstantOperands: Pass = graph => {
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op>();
  for (const op of graph.ops) {
    if (op.type !== 'merge' || op.inputs.length !== 2) continue;
    const at = op.inputs.findIndex(id => writers.get(id)?.type === 'constant');
    if (at < 0) continue;
    const input = op.inputs[1 - at]!;
    if (writers.get(input)?.type === 'constant') continue;
    const {shape} = graph.tensors[input]!;
    const {value} = writers.get(op.inputs[at]!) as OpOf<'constant'>;
    if (!equalShapes(shape, graph.tensors[op.outputs[0]!]!.shape)) continue;
    const simple = functionOf(op, value, at) ?? affineOf(op, value, at, shape);
    if (simple !== null) replaced.set(op, {...simple, layer: op.layer, inputs: [input], outputs: op.outputs});
  }
  return rewrite(graph, replaced, new Map());
};

type Simple = Omit<OpOf<'activation'>, keyof Ports> | Omit<AffineOp, keyof Ports>;
type Ports = {layer: string; inputs: readonly TensorId[]; outputs: readonly TensorId[]};

/** A function of one number, where the constant is one that makes it so. */
function functionOf(op: OpOf<'merge'>, {data}: Weight, at: number): Simple | null {
  const only = data[0]!;
  if (op.activation.type !== 'linear' || !data.every(number => number === only)) return null;
  const activation = (type: 'reciprocal' | 'rsqrt' | 'sqrt' | 'square'): Simple => ({
    type: 'activation',
    activation: {type},
  });
  if (op.kind === 'maximum' && only === 0) return {type: 'activation', activation: RELU};
  if (op.kind === 'divide' && at === 0 && only === 1) return activation('reciprocal');
  if (op.kind !== 'power' || at === 0) return null;
  if (only === 2) return activation('square');
  if (only === 0.5) return activation('sqrt');
  return only === -0.5 ? activation('rsqrt') : null;
}

/** A factor and a summand a channel. */
function affineOf(op: OpOf<'merge'>, {name, shape, data}: Weight, at: number, input: Shape): Simple | null {
  const channels = input.at(-1) ?? 1;
  if (data.length !== 1 && (data.length !== channels || shape.at(-1) !== channels)) return null;
  const affine = (factor: (x: number) => number, summand: (x: number) => number): Simple => {
    const each = (of: (x: number) => number): Float32Array =>
      Float32Array.from({length: channels}, (_, c) => of(data[data.length === 1 ? 0 : c]!));
    const weight = (of: (x: number) => number): Weight => ({name, shape: [channels], data: each(of)});
    return {type: 'affine', scale: weight(factor), shift: weight(summand), activation: op.activation};
  };
  const zero = (): number => 0;
  switch (op.kind) {
    case 'add':
      return affine(
        () => 1,
        x => x,
      );
    case 'subtract':
      return at === 0
        ? affine(
            () => -1,
            x => x,
          )
        : affine(
            () => 1,
            x => -x,
          );
    case 'multiply':
      return affine(x => x, zero);
    case 'divide':
      return at === 1 && data.every(x => x !== 0) ? affine(x => 1 / x, zero) : null;
    default:
      return null;
  }
}

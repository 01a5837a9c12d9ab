import type {ActivationOp} from '../ops/activation.ts';
import type {Op, OpOf} from '../ops/index.ts';
import type {TensorId} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/**
 * A hard swish that a converter has spelt out becomes one activation: `x * relu6(x + 3) / 6`, divided before or after
 * the product, or `x` times a hard sigmoid.
 */
export const findHardSwish: Pass = graph => {
  const writers = writersOf(graph);
  const replaced = new Map<Op, Op>();
  for (const op of graph.ops) {
    const x = swishOf(op, writers);
    if (x === null) continue;
    const {layer, outputs} = op;
    const swish: ActivationOp = {type: 'activation', activation: {type: 'hard-swish'}, layer, inputs: [x], outputs};
    replaced.set(op, swish);
  }
  return rewrite(graph, replaced, new Map());
};

type Writers = ReadonlyMap<TensorId, Op>;

/** What an op gives the hard swish of; null where it gives something else. */
function swishOf(op: Op, writers: Writers): TensorId | null {
  if (isSixth(op)) {
    const product = writers.get(op.inputs[0]!);
    return product === undefined ? null : productOf(product, bound => isBound(bound, writers));
  }
  return productOf(op, gate => isGate(gate, writers));
}

/** The first factor of a product whose second is made of it by `madeOf`. */
function productOf(op: Op, madeOf: (factor: TensorId) => TensorId | null): TensorId | null {
  if (op.type !== 'merge' || op.kind !== 'multiply' || op.inputs.length !== 2 || op.activation.type !== 'linear')
    return null;
  const [a, b] = op.inputs as [TensorId, TensorId];
  return madeOf(b) === a ? a : madeOf(a) === b ? b : null;
}

/** `x` of a hard sigmoid of it, or of `relu6(x + 3) / 6`. */
function isGate(id: TensorId, writers: Writers): TensorId | null {
  const op = writers.get(id);
  if (op?.type === 'activation' && op.activation.type === 'hard-sigmoid-6') return op.inputs[0]!;
  return op !== undefined && isSixth(op) ? isBound(op.inputs[0]!, writers) : null;
}

/** `x` of `relu6(x + 3)`. */
function isBound(id: TensorId, writers: Writers): TensorId | null {
  const op = writers.get(id);
  if (op?.type !== 'activation' || op.activation.type !== 'relu') return null;
  const {maxValue, slope, threshold} = op.activation;
  const sum = writers.get(op.inputs[0]!);
  const isRelu6 = maxValue === 6 && slope === 0 && threshold === 0;
  return isRelu6 && sum !== undefined && isAffine(sum, 1, 3) ? sum.inputs[0]! : null;
}

function isSixth(op: Op): boolean {
  return isAffine(op, 1 / 6, 0);
}

/** Whether an op computes `x * scale + shift` in all channels, up to what float32 tells apart. */
function isAffine(op: Op, scale: number, shift: number): op is OpOf<'affine'> {
  return (
    op.type === 'affine' &&
    op.activation.type === 'linear' &&
    op.scale.data.every(factor => Math.abs(factor - scale) < 1e-7) &&
    op.shift.data.every(summand => summand === shift)
  );
}

import {TfmotError} from '../../errors.ts';
import {type Activation, LINEAR} from '../../graph/ops/activation.ts';
import {broadcastShapes, type MergeOp} from '../../graph/ops/merge.ts';
import type {Shape} from '../../graph/tensor.ts';
import {type Binary, castNumbers, mappedNumbers, mergedNumbers, selectedNumbers, type Unary} from './numbers.ts';
import {elementsOf, emit, flowing, type Site, tensorOf, unsupportedNode, weightOf} from './site.ts';
import {innerShape, type NumberKind, type Value} from './value.ts';

/** The kinds of the graph's `merge`, by what two numbers become. */
const MERGES: {readonly [kind in Binary]?: MergeOp['kind']} = {
  add: 'add',
  subtract: 'subtract',
  multiply: 'multiply',
  divide: 'divide',
  power: 'power',
  'squared-difference': 'squared-difference',
  maximum: 'maximum',
  minimum: 'minimum',
};
/** Those of whole numbers that float arithmetic gets right. */
const OF_WHOLE: readonly Binary[] = ['add', 'subtract', 'multiply', 'maximum', 'minimum'];

/**
 * Two values number by number, sizes of 1 stretched; what is constant is computed now.
 *
 * @throws TfmotError `unsupported-layer` for a kind that tensors of the graph do not have.
 */
export function merged(at: Site, kind: Binary, a: Value, b: Value): Value {
  const shape = commonShape(at, [a.shape, b.shape]);
  if (a.kind === 'constant' && b.kind === 'constant') return mergedNumbers(at.name, kind, a, b, shape);
  const merge = MERGES[kind];
  if (merge === undefined) throw unsupportedNode(at, 'compares or divides whole numbers that are computed.');
  const whole = a.numbers !== 'float' && b.numbers !== 'float';
  if (whole && !OF_WHOLE.includes(kind)) throw unsupportedNode(at, 'divides whole numbers that are computed.');
  const id = emit(at, {type: 'merge', kind: merge, activation: LINEAR}, [tensorOf(at, a), tensorOf(at, b)]);
  return flowing(at, id, shape, whole ? 'int' : 'float');
}

/** The sum of several values: constants first, so that they are one. */
export function summed(at: Site, values: readonly Value[]): Value {
  const inOrder = [...values].sort((a, b) => Number(a.kind === 'tensor') - Number(b.kind === 'tensor'));
  return inOrder.reduce((sum, value) => merged(at, 'add', sum, value));
}

/** A function of one number over a value. */
export function mapped(at: Site, kind: Unary, value: Value): Value {
  if (value.kind === 'constant') {
    const folded = mappedNumbers(at.name, kind, value);
    if (folded !== null) return folded;
  }
  if (kind === 'negate') return merged(at, 'subtract', scalar(0), value);
  if (kind === 'ceil') return mapped(at, 'negate', mapped(at, 'floor', mapped(at, 'negate', value)));
  if (kind === 'not' || kind === 'round' || kind === 'sign')
    throw unsupportedNode(at, 'decides or rounds what is computed.');
  return activated(at, value, {type: kind});
}

/** An activation over a value. */
export function activated(at: Site, value: Value, activation: Activation): Value {
  if (activation.type === 'linear') return value;
  if (value.kind === 'constant' && activation.type === 'relu' && activation.slope === 0 && activation.threshold === 0)
    return clipped(at, value, 0, activation.maxValue);
  return flowing(at, emit(at, {type: 'activation', activation}, [tensorOf(at, value)]), value.shape);
}

/** `min(max(x, low), high)`; either may be infinite. */
export function clipped(at: Site, value: Value, low: number, high: number): Value {
  if (value.kind === 'tensor' && low === 0)
    return activated(at, value, {type: 'relu', maxValue: high, slope: 0, threshold: 0});
  const above = low === Number.NEGATIVE_INFINITY ? value : merged(at, 'maximum', value, scalar(low));
  return high === Number.POSITIVE_INFINITY ? above : merged(at, 'minimum', above, scalar(high));
}

/** `x > 0 ? x : alpha * x`, `alpha` of the shape of `x` or with ones to stretch. */
export function sloped(at: Site, value: Value, alpha: Value): Value {
  if (alpha.kind !== 'constant') throw unsupportedNode(at, 'computes the slopes of an activation.');
  const id = tensorOf(at, value);
  const weight = weightOf(at, alpha);
  const rank = at.builder.tensor(id).shape.length;
  // Slopes stand without the batch, or with one of 1.
  const shape = alpha.shape.length > rank ? innerShape(alpha.shape) : alpha.shape;
  if (weight.data.length > 1 && shape.length !== rank && elementsOf(alpha) !== value.shape.at(-1))
    throw unsupportedNode(at, `has slopes [${alpha.shape}], which do not fit [${value.shape}].`);
  const ones = Array.from({length: Math.max(0, rank - shape.length)}, () => 1);
  const op = {type: 'prelu', alpha: {...weight, shape: [...ones, ...shape]}} as const;
  return flowing(at, emit(at, op, [id]), value.shape);
}

/** Numbers of another kind. What is computed stays as it is: fractions are not cut off. */
export function cast(at: Site, value: Value, to: NumberKind): Value {
  if (value.kind === 'constant') return castNumbers(value.name, value, to);
  if (to !== 'float' && value.numbers === 'float')
    throw unsupportedNode(at, 'makes whole numbers of what is computed.');
  return {...value, numbers: to};
}

/** Where a constant condition holds `a`, else `b`; both constant. */
export function selected(at: Site, condition: Value, a: Value, b: Value): Value {
  if (condition.kind !== 'constant') throw unsupportedNode(at, 'decides by what is computed.');
  if (a.kind === 'constant' && b.kind === 'constant')
    return selectedNumbers(at.name, condition, a, b, commonShape(at, [condition.shape, a.shape, b.shape]));
  const only = Array.from(condition.data).every(x => x !== 0) ? a : b;
  const same = Array.from(condition.data).every(x => (x !== 0) === (condition.data[0] !== 0));
  if (same && elementsOf(only) === elementsOf(condition)) return only;
  throw unsupportedNode(at, 'mixes constants and what is computed.');
}

function scalar(number: number): Value {
  return {kind: 'constant', name: 'number', shape: [], numbers: 'float', data: [number]};
}

function commonShape(at: Site, shapes: readonly Shape[]): Shape {
  try {
    return shapes.reduce(broadcastShapes);
  } catch (error) {
    throw new TfmotError('invalid-topology', `Op '${at.name}' (${at.op}): ${(error as Error).message}.`);
  }
}

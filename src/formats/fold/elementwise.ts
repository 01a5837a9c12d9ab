import {type Activation, LINEAR} from '../../graph/ops/activation.ts';
import type {MergeOp} from '../../graph/ops/merge.ts';
import {type Binary, castNumbers, mappedNumbers, mergedNumbers, selectedNumbers, type Unary} from './numbers.ts';
import {commonShape, elementsOf, emit, flowing, type Site, tensorOf, unsupportedNode, weightOf} from './site.ts';
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
  const comparison = COMPARISONS[kind];
  if (comparison !== undefined) return comparison(at, a, b);
  const merge = MERGES[kind];
  if (merge === undefined) throw unsupportedNode(at, 'divides whole numbers that are computed.');
  const whole = a.numbers !== 'float' && b.numbers !== 'float';
  if (whole && !OF_WHOLE.includes(kind)) throw unsupportedNode(at, 'divides whole numbers that are computed.');
  const id = emit(at, {type: 'merge', kind: merge, activation: LINEAR}, [tensorOf(at, a), tensorOf(at, b)]);
  return flowing(at, id, shape, whole ? 'int' : 'float');
}

/**
 * A power of two below every difference of numbers that are not tiny themselves, and above where float32 gets inexact.
 */
const TINY = 2 ** -100;

/** 1 where `a > b`, else 0: the difference, cut off at 0 and at a power of two, times the inverse of that. */
function isGreater(at: Site, a: Value, b: Value): Value {
  const difference = merged(at, 'subtract', cast(at, a, 'float'), cast(at, b, 'float'));
  const step = merged(at, 'multiply', clipped(at, difference, 0, TINY), scalar(1 / TINY));
  return {...step, numbers: 'bool'};
}

/** Where a truth value is 0 1, and the other way round. */
function opposite(at: Site, value: Value): Value {
  return {...merged(at, 'subtract', scalar(1), value), numbers: 'bool'};
}

function isDifferent(at: Site, a: Value, b: Value): Value {
  return {...merged(at, 'add', isGreater(at, a, b), isGreater(at, b, a)), numbers: 'bool'};
}

/** What compares numbers that are computed, or joins what does, with 1 for true and 0 for false. */
const COMPARISONS: {readonly [kind in Binary]?: (at: Site, a: Value, b: Value) => Value} = {
  and: (at, a, b) => ({...merged(at, 'multiply', a, b), numbers: 'bool'}),
  equal: (at, a, b) => opposite(at, isDifferent(at, a, b)),
  greater: isGreater,
  'greater-equal': (at, a, b) => opposite(at, isGreater(at, b, a)),
  less: (at, a, b) => isGreater(at, b, a),
  'less-equal': (at, a, b) => opposite(at, isGreater(at, a, b)),
  'not-equal': isDifferent,
  or: (at, a, b) => ({...merged(at, 'maximum', a, b), numbers: 'bool'}),
};

/** The sum of several values: constants first, so that they are one. */
export function summed(at: Site, values: readonly Value[]): Value {
  if (values.length === 0) throw unsupportedNode(at, 'sums up nothing.');
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
  if (kind === 'not') return opposite(at, value);
  if (kind === 'sign') return merged(at, 'subtract', isGreater(at, value, scalar(0)), isGreater(at, scalar(0), value));
  if (kind === 'round') throw unsupportedNode(at, 'rounds what is computed.');
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
  const ones = Array.from({length: Math.max(0, rank - shape.length)}, () => 1);
  const whole = [...ones, ...shape];
  const own = at.builder.tensor(id).shape;
  if (whole.length !== rank || whole.some((size, axis) => size !== 1 && size !== own[axis]))
    throw unsupportedNode(at, `has slopes [${alpha.shape}], which do not fit [${value.shape}].`);
  const op = {type: 'prelu', alpha: {...weight, shape: whole}} as const;
  return flowing(at, emit(at, op, [id]), value.shape);
}

/** Numbers of another kind. What is computed stays as it is: fractions are not cut off. */
export function cast(at: Site, value: Value, to: NumberKind): Value {
  if (value.kind === 'constant') return castNumbers(value.name, value, to);
  if (to !== 'float' && value.numbers === 'float')
    throw unsupportedNode(at, 'makes whole numbers of what is computed.');
  return {...value, numbers: to};
}

/** Where a condition holds `a`, else `b`: parts of both, weighted by the condition, where that is computed. */
export function selected(at: Site, condition: Value, a: Value, b: Value): Value {
  if (condition.kind === 'constant') {
    if (a.kind === 'constant' && b.kind === 'constant')
      return selectedNumbers(at.name, condition, a, b, commonShape(at, [condition.shape, a.shape, b.shape]));
    const only = Array.from(condition.data).every(x => x !== 0) ? a : b;
    const same = Array.from(condition.data).every(x => (x !== 0) === (condition.data[0] !== 0));
    if (same && elementsOf(only) === elementsOf(condition)) return only;
  }
  const weights = cast(at, condition, 'float');
  const numbers = a.numbers === b.numbers ? a.numbers : 'float';
  const [yes, no] = [cast(at, a, 'float'), cast(at, b, 'float')];
  const others = merged(at, 'subtract', scalar(1), weights);
  return {...merged(at, 'add', merged(at, 'multiply', yes, weights), merged(at, 'multiply', no, others)), numbers};
}

function scalar(number: number): Value {
  return {kind: 'constant', name: 'number', shape: [], numbers: 'float', data: [number]};
}

import type {Activation} from '../../graph/ops/activation.ts';
import {UNARY} from '../kernels/index.ts';
import type {Emitter} from '../program/emitter.ts';
import type {Linear, Operand} from '../program/instruction.ts';
import {along, at, instanceOf} from '../program/instruction.ts';
import type {Value} from '../value.ts';
import {planeFloats, planeOf} from '../value.ts';

/** An activation as the clamp a kernel does while storing, or as a code for `unary` afterwards. */
export interface Clamp {
  readonly low: number;
  readonly high: number;
  /** Code, alpha and beta of `unary`; null when the clamp was all. */
  readonly after: readonly [op: number, alpha: number, beta: number] | null;
}

const FREE = {low: -Infinity, high: Infinity} as const;

const CODES: {readonly [T in Exclude<Activation['type'], 'elu' | 'linear' | 'relu'>]: number} = {
  abs: UNARY.abs,
  cos: UNARY.cos,
  erf: UNARY.erf,
  exponential: UNARY.exp,
  floor: UNARY.floor,
  gelu: UNARY.gelu,
  'gelu-tanh': UNARY.geluNew,
  'hard-sigmoid': UNARY.hardSigmoid,
  'hard-sigmoid-6': UNARY.hardSigmoid6,
  'hard-swish': UNARY.hardSwish,
  log: UNARY.log,
  mish: UNARY.mish,
  reciprocal: UNARY.reciprocal,
  rsqrt: UNARY.rsqrt,
  selu: UNARY.selu,
  sigmoid: UNARY.sigmoid,
  sin: UNARY.sin,
  softplus: UNARY.softplus,
  softsign: UNARY.softsign,
  sqrt: UNARY.sqrt,
  square: UNARY.square,
  swish: UNARY.swish,
  tanh: UNARY.tanh,
};

/** How the kernels do an activation; null for the rare ReLU with a threshold, or a slope and a maximum at once. */
export function clampOf(activation: Activation): Clamp | null {
  switch (activation.type) {
    case 'linear':
      return {...FREE, after: null};
    case 'relu': {
      const {maxValue, slope, threshold} = activation;
      if (threshold !== 0 || (slope !== 0 && maxValue !== Infinity)) return null;
      if (slope === 0) return {low: 0, high: maxValue, after: null};
      return {...FREE, after: [UNARY.relu, slope, 0]};
    }
    case 'elu':
      return {...FREE, after: [UNARY.elu, activation.alpha, 0]};
    default:
      return {...FREE, after: [CODES[activation.type], 1, 0]};
  }
}

/** An activation of `count` floats at a place, in place; null for a linear one. */
export function activationAt(
  activation: Activation,
): ((emitter: Emitter, place: Linear, count: Operand) => void) | null {
  const clamp = clampOf(activation);
  if (clamp === null) {
    const {maxValue, slope, threshold} = activation as Extract<Activation, {type: 'relu'}>;
    return (emitter, x, count) => emitter.call('thresholdRelu', x, x, count, maxValue, slope, threshold);
  }
  const bounded = clamp.low !== -Infinity || clamp.high !== Infinity;
  if (clamp.after === null && !bounded) return null;
  const [op, alpha, beta] = clamp.after ?? [UNARY.clamp, clamp.low, clamp.high];
  return (emitter, x, count) => emitter.call('unary', op, x, x, count, alpha, beta);
}

/** Runs an activation over a value in place; nothing for a linear one. */
export function activate(emitter: Emitter, value: Value, activation: Activation, instances: number): void {
  const apply = activationAt(activation);
  if (apply === null) return;
  if (value.layout === 'columns') {
    const count = emitter.perExample(instances);
    emitter.loop(value.shape[0]!, c => apply(emitter, along(at(value.region), c, value.strides[0]!), count));
  } else emitter.each(instances, i => apply(emitter, instanceOf(value, i), floatsOf(value)));
}

/** What a kernel clamps to while storing, for an activation that `activateAfter` completes. */
export function boundsOf(activation: Activation): {readonly low: number; readonly high: number} {
  return clampOf(activation) ?? FREE;
}

/** After a kernel that clamps: what the clamp could not do. */
export function activateAfter(emitter: Emitter, value: Value, activation: Activation, instances: number): void {
  const clamp = clampOf(activation);
  if (clamp === null || clamp.after !== null) activate(emitter, value, activation, instances);
}

/** Floats from the first to behind the last of an instance. */
export function floatsOf(value: Value): number {
  if (value.layout === 'planes') return ((value.shape.at(-1)! - 1) * planeOf(value)) / 4 + planeFloats(value);
  return value.shape.reduce((product, size) => product * size, 1);
}

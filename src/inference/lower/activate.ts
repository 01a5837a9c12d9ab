import type {Activation} from '../../graph/ops/activation.ts';
import {UNARY} from '../kernels/index.ts';
import type {Value} from '../value.ts';
import {planeFloats, planeOf} from '../value.ts';
import type {Lowering} from './lowering.ts';
import type {Machine} from './machine.ts';
import {unsupportedOp} from './unsupported.ts';

/** An activation as the clamp a kernel does while storing, or as a code for `unary` afterwards. */
export interface Clamp {
  readonly low: number;
  readonly high: number;
  /** Code, alpha and beta of `unary`; null when the clamp was all. */
  readonly after: readonly [op: number, alpha: number, beta: number] | null;
}

const FREE = {low: -Infinity, high: Infinity} as const;

const CODES: {readonly [T in Activation['type']]?: number} = {
  exponential: UNARY.exp,
  gelu: UNARY.gelu,
  'gelu-tanh': UNARY.geluNew,
  'hard-sigmoid': UNARY.hardSigmoid,
  'hard-sigmoid-6': UNARY.hardSigmoid6,
  'hard-swish': UNARY.hardSwish,
  mish: UNARY.mish,
  selu: UNARY.selu,
  sigmoid: UNARY.sigmoid,
  softplus: UNARY.softplus,
  softsign: UNARY.softsign,
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
    default: {
      const code = CODES[activation.type];
      if (code === undefined) throw unsupportedOp({type: 'activation', layer: activation.type});
      return {...FREE, after: [code, 1, 0]};
    }
  }
}

/** An activation of `count` floats at a byte offset, in place; null for a linear one. */
export function activationAt(activation: Activation): ((machine: Machine, at: number, count: number) => void) | null {
  const clamp = clampOf(activation);
  if (clamp === null) return generalRelu(activation as Extract<Activation, {type: 'relu'}>);
  const bounded = clamp.low !== -Infinity || clamp.high !== Infinity;
  if (clamp.after === null && !bounded) return null;
  const [op, alpha, beta] = clamp.after ?? [UNARY.clamp, clamp.low, clamp.high];
  return ({kernels}, at, count) => kernels.unary(op, at, at, count, alpha, beta);
}

/** Runs an activation over a value in place; nothing for a linear one. */
export function activate(lowering: Lowering, value: Value, activation: Activation, instances: number): void {
  const apply = activationAt(activation);
  if (apply === null) return;
  const floats = floatsOf(value);
  lowering.run('unary', (machine, examples) => {
    const count = examples * instances;
    const {offset} = value.region;
    if (value.layout === 'columns')
      for (let c = 0; c < value.shape[0]!; c++) apply(machine, offset + c * value.strides[0]!, count);
    else for (let i = 0; i < count; i++) apply(machine, offset + i * value.instance, floats);
  });
}

/** What a kernel clamps to while storing, for an activation that `activateAfter` completes. */
export function boundsOf(activation: Activation): {readonly low: number; readonly high: number} {
  return clampOf(activation) ?? FREE;
}

/** After a kernel that clamps: what the clamp could not do. */
export function activateAfter(lowering: Lowering, value: Value, activation: Activation, instances: number): void {
  const clamp = clampOf(activation);
  if (clamp === null || clamp.after !== null) activate(lowering, value, activation, instances);
}

/** Floats from the first to behind the last of an instance. */
export function floatsOf(value: Value): number {
  if (value.layout === 'planes') return ((value.shape.at(-1)! - 1) * planeOf(value)) / 4 + planeFloats(value);
  return value.shape.reduce((product, size) => product * size, 1);
}

function generalRelu({maxValue, slope, threshold}: Extract<Activation, {type: 'relu'}>) {
  return ({floats}: Machine, at: number, count: number): void => {
    for (let i = at / 4; i < at / 4 + count; i++) {
      const x = floats[i]!;
      floats[i] = x > threshold ? Math.min(x, maxValue) : slope * (x - threshold);
    }
  };
}

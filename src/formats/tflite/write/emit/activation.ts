import type {Activation, ActivationOp} from '../../../../graph/ops/activation.ts';
import {FUSED_ACTIVATIONS} from '../../schema.ts';
import type {OperatorName} from '../../schema-operators.ts';
import type {Draft, Emit} from '../draft.ts';
import type {Options} from '../file-model.ts';

type Relu = Extract<Activation, {type: 'relu'}>;

/** Functions that are one operator without options; the legal graph has no others but those below. */
const OPERATOR_OF: {readonly [T in Activation['type']]?: readonly [name: OperatorName, options?: Options]} = {
  abs: ['ABS'],
  cos: ['COS'],
  elu: ['ELU'],
  exponential: ['EXP'],
  floor: ['FLOOR'],
  gelu: ['GELU', {approximate: false}],
  'gelu-tanh': ['GELU', {approximate: true}],
  'hard-swish': ['HARD_SWISH'],
  log: ['LOG'],
  rsqrt: ['RSQRT'],
  sigmoid: ['LOGISTIC'],
  sin: ['SIN'],
  sqrt: ['SQRT'],
  square: ['SQUARE'],
  tanh: ['TANH'],
};

/** Whether a function is an operator of its own, or a few whose inner values need no scale. */
export function isOperator(activation: Activation): boolean {
  switch (activation.type) {
    case 'relu':
      return activation.threshold === 0
        ? activation.slope === 0
          ? BOUNDED.has(activation.maxValue)
          : activation.maxValue === Number.POSITIVE_INFINITY
        : activation.slope === 0 && activation.maxValue === Number.POSITIVE_INFINITY;
    case 'elu':
      return activation.alpha === 1;
    case 'reciprocal':
      return true;
    default:
      return activation.type in OPERATOR_OF;
  }
}

const BOUNDED: ReadonlyMap<number, OperatorName> = new Map([
  [Number.POSITIVE_INFINITY, 'RELU'],
  [6, 'RELU6'],
  [1, 'RELU_0_TO_1'],
]);

/** The number of an activation that operators apply themselves; null for one that they cannot. */
export function fusedActivation(activation: Activation): number | null {
  if (activation.type === 'linear') return FUSED_ACTIVATIONS.none;
  if (activation.type !== 'relu' || activation.slope !== 0 || activation.threshold !== 0) return null;
  if (activation.maxValue === Number.POSITIVE_INFINITY) return FUSED_ACTIVATIONS.relu;
  return activation.maxValue === 6 ? FUSED_ACTIVATIONS.relu6 : null;
}

/** A function of one number. */
export const emitActivation: Emit<ActivationOp> = ({activation, inputs}, draft) => {
  const x = draft.read(inputs[0]!);
  const shape = draft.shapeOf(inputs[0]!);
  if (activation.type === 'relu') return emitRelu(activation, x, shape, draft);
  if (activation.type === 'reciprocal')
    return draft.add('DIV', [draft.floats('one', Float32Array.of(1), []), x], shape, {
      activation: FUSED_ACTIVATIONS.none,
    });
  const [name, options] = OPERATOR_OF[activation.type]!;
  return draft.add(name, [x], shape, options);
};

function emitRelu({maxValue, slope, threshold}: Relu, x: number, shape: readonly number[], draft: Draft): number {
  if (threshold !== 0) {
    const above = draft.add(
      'GREATER',
      [x, draft.floats('threshold', Float32Array.of(threshold), [])],
      shape,
      {},
      'bool',
    );
    return draft.add('SELECT_V2', [above, x, draft.floats('zero', Float32Array.of(0), [])], shape);
  }
  if (slope !== 0) return draft.add('LEAKY_RELU', [x], shape, {alpha: slope});
  return draft.add(BOUNDED.get(maxValue)!, [x], shape);
}

import type {Activation, ActivationOp} from '../../../../graph/ops/activation.ts';
import {LINEAR, RELU} from '../../../../graph/ops/activation.ts';
import type {Op} from '../../../../graph/ops/index.ts';
import type {Attributes, OpBase} from '../../../../graph/ops/op.ts';
import type {TensorId} from '../../../../graph/tensor.ts';
import {fusedActivation, isOperator} from '../emit/activation.ts';
import type {Rule, Speller} from './speller.ts';

/** A ReLU that ends at 1 or 6. */
const upTo = (maxValue: number): Activation => ({...RELU, maxValue});

/** Alpha and scale of SELU (Klambauer et al. 2017). */
const SELU = {alpha: 1.6732632423543772, scale: 1.0507009873554805} as const;

/** Functions that no operator computes, from those that one does. */
const SPELLINGS: {readonly [T in Activation['type']]?: (x: TensorId, speller: Speller) => TensorId} = {
  erf: spellErf,
  'hard-sigmoid': (x, {merge, activate}) =>
    activate(upTo(1), merge('add', merge('multiply', x, {number: 0.2}), {number: 0.5})),
  'hard-sigmoid-6': (x, {merge}) => merge('multiply', merge('add', x, {number: 3}, upTo(6)), {number: 1 / 6}),
  mish: (x, {merge, activate}) => merge('multiply', x, activate('tanh', activate('softplus', x))),
  selu: (x, {merge, activate}) =>
    merge('multiply', activate({type: 'elu', alpha: SELU.alpha}, x), {number: SELU.scale}),
  // log(1 + exp(x)) of a large x is infinite; this is the same and is not.
  softplus: (x, {merge, activate}) => {
    const fallen = activate('exponential', merge('multiply', activate('abs', x), {number: -1}));
    return merge('add', activate(RELU, x), activate('log', merge('add', fallen, {number: 1})));
  },
  softsign: (x, {merge, activate}) => merge('divide', x, merge('add', activate('abs', x), {number: 1})),
  swish: (x, {merge, activate}) => merge('multiply', x, activate('sigmoid', x)),
};

/** A function of one number. */
export const activationRule: Rule<ActivationOp> = ({activation}, [x], speller) => {
  if (activation.type === 'linear') return [x!];
  if (isOperator(activation)) return null;
  if (activation.type === 'relu') return [spellRelu(activation, x!, speller)];
  if (activation.type === 'elu') return [spellElu(activation.alpha, x!, speller)];
  return [SPELLINGS[activation.type]!(x!, speller)];
};

/** An op whose activation its operator does not apply: the op, then the activation. */
export function splitActivation<O extends OpBase & {readonly activation: Activation}>(
  op: Attributes<O>,
  inputs: readonly TensorId[],
  {emit, activate}: Speller,
  fuses = true,
): readonly TensorId[] | null {
  const {activation} = op as unknown as {readonly activation: Activation};
  if (activation.type === 'linear' || (fuses && fusedActivation(activation) !== null)) return null;
  return [activate(activation, emit({...op, activation: LINEAR} as unknown as Attributes<Op>, ...inputs))];
}

/**
 * `x > threshold ? min(x, maxValue) : slope * (x - threshold)`; where both parts are wanted, each is 0 beside its own.
 */
function spellRelu(
  {maxValue, slope, threshold}: Extract<Activation, {type: 'relu'}>,
  x: TensorId,
  {merge, activate}: Speller,
): TensorId {
  const above = activate({...RELU, threshold}, x);
  const bounded = maxValue === Number.POSITIVE_INFINITY ? above : merge('minimum', above, {number: maxValue});
  if (slope === 0) return bounded;
  const below = merge('minimum', merge('subtract', x, {number: threshold}), {number: 0});
  return merge('add', bounded, merge('multiply', below, {number: slope}));
}

/** `alpha` times the ELU of what lies below zero, and the rest as it is. */
function spellElu(alpha: number, x: TensorId, {merge, activate}: Speller): TensorId {
  const below = activate({type: 'elu', alpha: 1}, merge('minimum', x, {number: 0}));
  return merge('add', activate(RELU, x), merge('multiply', below, {number: alpha}));
}

/** The error function to 1.5e-7: Abramowitz and Stegun 1964, 7.1.26. */
function spellErf(x: TensorId, {merge, activate}: Speller): TensorId {
  const size = activate('abs', x);
  const t = activate('reciprocal', merge('add', merge('multiply', size, {number: 0.3275911}), {number: 1}));
  const [first, ...rest] = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592] as const;
  let sum = merge('multiply', t, {number: first});
  for (const coefficient of rest) sum = merge('multiply', merge('add', sum, {number: coefficient}), t);
  const fallen = activate('exponential', merge('multiply', activate('square', x), {number: -1}));
  const positive = merge('subtract', merge('multiply', merge('multiply', sum, fallen), {number: -1}), {number: -1});
  // Its sign is that of x: x / |x|, of numbers too small to matter as if they were larger.
  return merge('multiply', positive, merge('divide', x, merge('maximum', size, {number: 1e-30})));
}

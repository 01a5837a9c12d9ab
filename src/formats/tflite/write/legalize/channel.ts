import {LINEAR, RELU} from '../../../../graph/ops/activation.ts';
import type {AffineOp, LayerNormOp, PreluOp} from '../../../../graph/ops/channel.ts';
import {sizeOf} from '../../../../graph/tensor.ts';
import type {Rule} from './speller.ts';

/** A product and a sum, either of which may say nothing. */
export const affineRule: Rule<AffineOp> = ({scale, shift, activation}, [x], {merge, activate, constant}) => {
  const scales = scale.data.some(factor => factor !== 1);
  const shifts = shift.data.some(summand => summand !== 0);
  if (!scales && !shifts) return [activate(activation, x!)];
  const factors = (data: Float32Array) =>
    data.every(number => number === data[0]) ? constant(data[0]!) : constant(data);
  const scaled = scales ? merge('multiply', x!, factors(scale.data), shifts ? LINEAR : activation) : x!;
  return [shifts ? merge('add', scaled, factors(shift.data), activation) : scaled];
};

/** The squared difference from the mean, and its mean, are what the variance is made of. */
export const layerNormRule: Rule<LayerNormOp> = (op, [x], {emit, merge, activate, constant, shape}) => {
  const rank = shape(x!).length;
  const normed = shape(x!).slice(rank - op.dimensions);
  const axes = Array.from({length: op.dimensions}, (_, i) => rank - op.dimensions + i);
  const mean = emit({type: 'reduce', kind: 'mean', axes, keepDims: true}, x!);
  const variance = emit({type: 'reduce', kind: 'mean', axes, keepDims: true}, merge('squared-difference', x!, mean));
  const factor = activate('rsqrt', merge('add', variance, {number: op.epsilon}));
  const scaled = merge('multiply', merge('subtract', x!, mean), factor);
  const gamma = op.gamma.data.every(number => number === 1)
    ? scaled
    : merge('multiply', scaled, constant(op.gamma.data, normed));
  return [op.beta.data.every(number => number === 0) ? gamma : merge('add', gamma, constant(op.beta.data, normed))];
};

/** The operator wants a slope a channel, or one for every place; of vectors, runtimes do not agree. */
export const preluRule: Rule<PreluOp> = ({alpha}, [x], {merge, activate, constant, shape}) => {
  const input = shape(x!);
  const perChannel = alpha.shape.slice(0, -1).every(size => size === 1) && alpha.shape.at(-1) === input.at(-1);
  if (input.length === 3 && (perChannel || sizeOf(alpha.shape) === sizeOf(input))) return null;
  const below = merge('minimum', x!, {number: 0});
  return [merge('add', activate(RELU, x!), merge('multiply', below, constant(alpha.data, alpha.shape)))];
};

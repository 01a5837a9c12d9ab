import type {Activation} from '../../../graph/ops/activation.ts';
import {activated, clipped, mapped, merged} from '../../fold/elementwise.ts';
import type {Binary, Unary} from '../../fold/numbers.ts';
import type {Value} from '../../fold/value.ts';
import {unsupported} from '../config.ts';
import {activationNamed} from '../layers/activation.ts';
import type {OperationCall} from './call.ts';
import type {Operation} from './operation.ts';

/**
 * Refuses operands that would be stretched over the batch: those of fewer dimensions are, unless they are constants of
 * fewer dimensions than one example has.
 */
function checkRanks({layer}: OperationCall, values: readonly Value[]): void {
  const ranks = new Set(values.flatMap(({kind, shape}) => (kind === 'tensor' ? [shape.length] : [])));
  const [rank = 0] = ranks;
  const wide = values.some(
    ({kind, shape}) => kind === 'constant' && (shape.length > rank || (shape.length === rank && shape[0] !== 1)),
  );
  if (ranks.size > 1 || (ranks.size === 1 && wide))
    throw unsupported(layer, 'is an operation that mixes the examples of a batch, which inference cannot.');
}

const binary =
  (kind: Binary): Operation =>
  call => {
    const [a, b] = [call.value(0, 'x1', 'x', 'value'), call.value(1, 'x2', 'y', 'bias')];
    checkRanks(call, [a, b]);
    return merged(call.at, kind, a, b);
  };

const unary =
  (kind: Unary): Operation =>
  call =>
    mapped(call.at, kind, call.value(0, 'x', 'features'));

/** An activation by its name among those of layers. */
const named =
  (name: string): Operation =>
  call =>
    activated(call.at, call.value(0, 'x', 'features'), activationNamed(name, 'keras-3')!);

const shaped =
  (of: (call: OperationCall) => Activation): Operation =>
  call =>
    activated(call.at, call.value(0, 'x', 'features'), of(call));

const leakyRelu = shaped(call => ({
  ...{type: 'relu', maxValue: Number.POSITIVE_INFINITY, threshold: 0},
  slope: call.real(0.2, 1, 'negativeSlope', 'alpha'),
}));

/** Keras 3 approximates where nothing is said, TensorFlow does not; both say it. */
const gelu = shaped(call => ({type: call.flag(1, 'approximate') ? 'gelu-tanh' : 'gelu'}));

const elu = shaped(call => ({type: 'elu', alpha: call.real(1, 1, 'alpha')}));

const swish: Operation = call => {
  if (call.real(1, 1, 'beta') !== 1) throw unsupported(call.layer, 'has a beta other than 1, which is not supported.');
  return activated(call.at, call.value(0, 'x', 'features'), {type: 'swish'});
};

const clip: Operation = call =>
  clipped(
    call.at,
    call.value(0, 'x', 't'),
    call.real(Number.NaN, 1, 'xMin', 'clipValueMin'),
    call.real(Number.NaN, 2, 'xMax', 'clipValueMax'),
  );

/** What has no part in inference, or makes other floats of floats. */
const same: Operation = call => call.value(0, 'x', 'input');

const cast: Operation = call => {
  const dtype = call.given(1, 'dtype');
  if (typeof dtype !== 'string' || !/float/.test(dtype))
    throw unsupported(call.layer, `makes ${String(dtype)} of what is computed, which is not supported.`);
  return call.value(0, 'x');
};

/** Operations on each number, by what Keras 2 and 3 call them; see `operationWord`. */
export const ELEMENTWISE_OPERATIONS: Readonly<Record<string, Operation>> = {
  abs: unary('abs'),
  absolute: unary('abs'),
  add: binary('add'),
  addv2: binary('add'),
  biasadd: binary('add'),
  cast,
  ceil: unary('ceil'),
  clip,
  clipbyvalue: clip,
  cos: unary('cos'),
  div: binary('divide'),
  divide: binary('divide'),
  elu,
  erf: unary('erf'),
  exp: unary('exponential'),
  floor: unary('floor'),
  gelu,
  hardsigmoid: named('hardsigmoid'),
  hardsilu: named('hardsilu'),
  hardswish: named('hardswish'),
  identity: same,
  leakyrelu: leakyRelu,
  log: unary('log'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  mish: named('mish'),
  mul: binary('multiply'),
  multiply: binary('multiply'),
  neg: unary('negate'),
  negative: unary('negate'),
  pow: binary('power'),
  power: binary('power'),
  reciprocal: unary('reciprocal'),
  relu: named('relu'),
  relu6: named('relu6'),
  rsqrt: unary('rsqrt'),
  selu: named('selu'),
  sigmoid: unary('sigmoid'),
  silu: swish,
  sin: unary('sin'),
  softplus: unary('softplus'),
  softsign: unary('softsign'),
  sqrt: unary('sqrt'),
  square: unary('square'),
  squareddifference: binary('squared-difference'),
  stopgradient: same,
  sub: binary('subtract'),
  subtract: binary('subtract'),
  swish,
  tanh: unary('tanh'),
  truediv: binary('divide'),
  truedivide: binary('divide'),
};

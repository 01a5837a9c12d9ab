import type {Activation} from '../../../graph/ops/activation.ts';
import {reshaped} from '../../fold/arrange.ts';
import {activated, clipped, mapped, merged, sloped} from '../../fold/elementwise.ts';
import type {Unary} from '../../fold/numbers.ts';
import {constantOf, type Value} from '../../fold/value.ts';
import {asLast, asLastOfRank, fileShape, type Laid} from '../layouts.ts';
import {
  fileInput,
  floatAttribute,
  hasInput,
  laidInput,
  misfit,
  type NodeCall,
  type NodeImporter,
  numberInput,
  textAttribute,
  unsupported,
} from './operator.ts';

/** Applies `of` to the first input however it lies. */
function alike(call: NodeCall, of: (value: Value) => Value): readonly Laid[] {
  const laid = laidInput(call, 0);
  return [{...laid, value: of(laid.value)}];
}

/** A function of one number. */
export const unary =
  (kind: Unary): NodeImporter =>
  call =>
    alike(call, value => mapped(call.at, kind, value));

/** An activation that the graph has, from the attributes. */
export const activation =
  (of: (call: NodeCall) => Activation): NodeImporter =>
  call =>
    alike(call, value => activated(call.at, value, of(call)));

/** `x > threshold ? x : 0`, or with a slope below 0. */
export const rectifier = (slope: number, threshold = 0): Activation => ({
  ...{type: 'relu', maxValue: Number.POSITIVE_INFINITY, slope, threshold},
});

export const leakyRelu: NodeImporter = activation(call => rectifier(floatAttribute(call, 'alpha', 0.01)));

export const thresholdedRelu: NodeImporter = activation(call => rectifier(0, floatAttribute(call, 'alpha', 1)));

export const elu: NodeImporter = activation(call => ({type: 'elu', alpha: floatAttribute(call, 'alpha', 1)}));

export const gelu: NodeImporter = activation(call => ({
  type: textAttribute(call, 'approximate', 'none') === 'tanh' ? 'gelu-tanh' : 'gelu',
}));

/** Slope and shift of the hard sigmoids that the graph has; slopes within what float32 tells apart. */
const HARD_SIGMOIDS = [
  ['hard-sigmoid', 0.2],
  ['hard-sigmoid-6', 1 / 6],
] as const;

/** The graph's own hard sigmoid for a slope and a shift, if it has one. */
export function hardSigmoidOf(alpha: number, beta: number): Activation | undefined {
  const own = HARD_SIGMOIDS.find(([, slope]) => Math.abs(slope - alpha) < 1e-6 && beta === 0.5);
  return own && {type: own[0]};
}

/** `min(max(alpha * x + beta, 0), 1)` */
export const hardSigmoid: NodeImporter = call =>
  alike(call, value => {
    const [alpha, beta] = [floatAttribute(call, 'alpha', 0.2), floatAttribute(call, 'beta', 0.5)];
    const own = hardSigmoidOf(alpha, beta);
    if (own !== undefined) return activated(call.at, value, own);
    const line = merged(call.at, 'add', merged(call.at, 'multiply', value, number(alpha)), number(beta));
    return clipped(call.at, line, 0, 1);
  });

/** Limits as attributes, from version 11 on as inputs, which may be computed. */
export const clip: NodeImporter = call => {
  const limit = (name: string, index: number, fallback: number): number => {
    const given = call.opset < 11 ? floatAttribute(call, name, fallback) : fallback;
    return hasInput(call, index) && laidInput(call, index).value.kind === 'constant' ? numberInput(call, index) : given;
  };
  const low = limit('min', 1, Number.NEGATIVE_INFINITY);
  const high = limit('max', 2, Number.POSITIVE_INFINITY);
  // Limits that no float32 reaches are none.
  const [from, to] = [low < -FLOAT_MAX ? -Infinity : low, high > FLOAT_MAX ? Infinity : high];
  return alike(call, value => {
    const between = clipped(call.at, value, from, to);
    const computed = ([1, 2] as const).filter(i => hasInput(call, i) && laidInput(call, i).value.kind === 'tensor');
    return computed.reduce(
      (current, i) => merged(call.at, i === 1 ? 'maximum' : 'minimum', current, oneNumber(call, i)),
      between,
    );
  });
};

/** A computed input of one number, which fits values in any order. */
function oneNumber(call: NodeCall, index: number): Value {
  const value = fileInput(call, index);
  if (value.shape.some(size => size !== 1))
    throw misfit(call, `has [${value.shape}] as input ${index}, not one number.`);
  return reshaped(call.at, value, []);
}

const FLOAT_MAX = 3.4028234e38;

/** A slope for each number, channel, or all. */
export const prelu: NodeImporter = call => {
  const [laid, slopes] = [laidInput(call, 0), laidInput(call, 1)];
  const rank = fileShape(laid).length;
  if (fileShape(slopes).length > rank) throw misfit(call, `has slopes [${fileShape(slopes)}].`);
  if (rank < 3) return alike(call, value => sloped(call.at, value, slopes.value));
  const value = asLast(call.at, call.turned, laid);
  return [{isLast: true, value: sloped(call.at, value, asLastOfRank(call.at, call.turned, slopes, rank))}];
};

/** A constant of one number. */
export function number(value: number): Value {
  return constantOf('number', [], [value]);
}

const SELU = [1.673263192176819, 1.0507010221481323] as const;

/** The self-normalising form of `elu`, with the numbers of its paper. */
export const selu: NodeImporter = call => {
  const given = [floatAttribute(call, 'alpha', SELU[0]), floatAttribute(call, 'gamma', SELU[1])];
  if (given.some((factor, i) => Math.abs(factor - SELU[i]!) > 1e-5)) throw unsupported(call, `has factors [${given}].`);
  return activation(() => ({type: 'selu'}))(call);
};

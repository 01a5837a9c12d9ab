import type {OpBase, ShapeRule} from './op.ts';
import {sameShape} from './op.ts';

/**
 * A function of one number, applied to every element:
 * - `relu`: `x > threshold ? min(x, maxValue) : slope * (x - threshold)`; `maxValue` may be `Infinity`;
 * - `elu`: `x > 0 ? x : alpha * (exp(x) - 1)`; `selu`: its self-normalising form;
 * - `hard-sigmoid`: `min(max(0.2 x + 0.5, 0), 1)`, of Keras 1 and 2 and of TensorFlow.js;
 * - `hard-sigmoid-6`: `min(max(x + 3, 0), 6) / 6`, of Keras 3; `hard-swish`: that times `x`;
 * - `gelu`: exact, with erf; `gelu-tanh`: its tanh approximation;
 * - `reciprocal`: `1 / x`; `rsqrt`: `1 / sqrt(x)`; `square`: `x * x`; `log`: natural;
 * - the rest by their usual names: `swish` is `x * sigmoid(x)`, `mish` is `x * tanh(softplus(x))`.
 */
export type Activation =
  | {readonly type: 'linear'}
  | {readonly type: 'relu'; readonly maxValue: number; readonly slope: number; readonly threshold: number}
  | {readonly type: 'elu'; readonly alpha: number}
  | {
      readonly type:
        | 'abs'
        | 'cos'
        | 'erf'
        | 'exponential'
        | 'floor'
        | 'gelu'
        | 'gelu-tanh'
        | 'hard-sigmoid'
        | 'hard-sigmoid-6'
        | 'hard-swish'
        | 'log'
        | 'mish'
        | 'reciprocal'
        | 'rsqrt'
        | 'selu'
        | 'sigmoid'
        | 'sin'
        | 'softplus'
        | 'softsign'
        | 'sqrt'
        | 'square'
        | 'swish'
        | 'tanh';
    };

/** The plain ReLU. */
export const RELU: Extract<Activation, {type: 'relu'}> = {
  type: 'relu',
  maxValue: Number.POSITIVE_INFINITY,
  slope: 0,
  threshold: 0,
};

/** The identity: no activation. */
export const LINEAR: Activation = {type: 'linear'};

/** An element-wise function of its own, where no op before it could take it over. */
export interface ActivationOp extends OpBase {
  readonly type: 'activation';
  readonly activation: Activation;
}

export const activationRule: ShapeRule<ActivationOp> = sameShape;

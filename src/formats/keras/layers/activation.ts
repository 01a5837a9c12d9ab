import {TfmotError} from '../../../errors.ts';
import type {Activation} from '../../../graph/ops/activation.ts';
import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Shape, TensorId} from '../../../graph/tensor.ts';
import type {LayerSpec} from '../config.ts';
import {integers, real, wordOf, wrong} from '../config.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {innerAxis, soleInput, weightOf} from './layer.ts';
import {transposed} from './layout.ts';

const RELU: Activation = {type: 'relu', maxValue: Infinity, slope: 0, threshold: 0};

/** Element-wise activations by the names Keras and TensorFlow.js save, as `wordOf` writes them. */
const BY_NAME: Readonly<Record<string, Activation>> = {
  elu: {type: 'elu', alpha: 1},
  exponential: {type: 'exponential'},
  gelu: {type: 'gelu'},
  gelunew: {type: 'gelu-tanh'},
  hardsigmoid: {type: 'hard-sigmoid'},
  linear: LINEAR,
  mish: {type: 'mish'},
  relu: RELU,
  relu6: {...RELU, maxValue: 6},
  selu: {type: 'selu'},
  sigmoid: {type: 'sigmoid'},
  softplus: {type: 'softplus'},
  softsign: {type: 'softsign'},
  swish: {type: 'swish'},
  silu: {type: 'swish'},
  tanh: {type: 'tanh'},
};

/** The activation name in a layer's config: a string, an object with a class name, or nothing for linear. */
function nameOf(layer: LayerSpec, key: string, fallback: string): string {
  const value = layer.config[key] === undefined ? fallback : (layer.config[key] ?? 'linear');
  const name = typeof value === 'object' ? ((value as Record<string, unknown>)['className'] ?? value) : value;
  if (typeof name !== 'string') throw wrong(layer, key, 'the name of an activation', value);
  return wordOf(name);
}

function unknown(layer: LayerSpec, name: string): TfmotError {
  return new TfmotError(
    'unsupported-layer',
    `Layer '${layer.name}' (${layer.className}) has the activation '${name}', which is none of ${Object.keys(BY_NAME).join(', ')}, softmax, logsoftmax.`,
  );
}

/**
 * The element-wise activation of a layer that cannot have another, such as a recurrent one.
 *
 * @throws TfmotError `unsupported-layer` for unknown names, and for softmax.
 */
export function elementwiseActivation(layer: LayerSpec, key: string, fallback: string): Activation {
  const name = nameOf(layer, key, fallback);
  const activation = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (activation === undefined) throw unknown(layer, name);
  return activation;
}

/** Adds the activation a layer's config names; the layer's input unchanged for a linear one. */
export function activated(call: LayerCall, input: TensorId): TensorId {
  const {layer, builder} = call;
  const name = nameOf(layer, 'activation', 'linear');
  if (name === 'softmax' || name === 'logsoftmax')
    return builder.emit(layer.name, {type: 'softmax', log: name === 'logsoftmax'}, [input])[0]!;
  return elementwise(call, input, elementwiseActivation(layer, 'activation', 'linear'));
}

function elementwise({layer, builder}: LayerCall, input: TensorId, activation: Activation): TensorId {
  if (activation.type === 'linear') return input;
  return builder.emit(layer.name, {type: 'activation', activation}, [input])[0]!;
}

function reluOf({config}: LayerSpec, slope: number, threshold: number): Activation {
  const maxValue = typeof config['maxValue'] === 'number' ? config['maxValue'] : Infinity;
  return {type: 'relu', maxValue, slope, threshold};
}

const relu: LayerImporter = call => {
  const {layer} = call;
  const activation = reluOf(layer, real(layer, 'negativeSlope', 0), real(layer, 'threshold', 0));
  return [elementwise(call, soleInput(call).id, activation)];
};

const leakyRelu: LayerImporter = call => [
  elementwise(call, soleInput(call).id, {...RELU, slope: real(call.layer, 'alpha', 0.3)}),
];

const thresholdedRelu: LayerImporter = call => [
  elementwise(call, soleInput(call).id, {...RELU, threshold: real(call.layer, 'theta', 1)}),
];

const elu: LayerImporter = call => [
  elementwise(call, soleInput(call).id, {type: 'elu', alpha: real(call.layer, 'alpha', 1)}),
];

const prelu: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const shared = call.layer.config['sharedAxes'] === null ? [] : integers(call.layer, 'sharedAxes', []);
  const alphaShape: Shape = shape.map((size, i) => (shared.includes(i + 1) ? 1 : size));
  return call.builder.emit(call.layer.name, {type: 'prelu', alpha: weightOf(call, 'alpha', alphaShape)}, [id]);
};

const softmax: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const axes = integers(call.layer, 'axis', [-1]);
  if (axes.length !== 1) {
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${call.layer.name}' (Softmax) must run along one axis, but has ${axes.length}. Reshape these axes into one before it.`,
    );
  }
  const axis = innerAxis(call, axes[0]!, shape);
  const last = shape.length - 1;
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const output = call.builder.emit(call.layer.name, {type: 'softmax', log: false}, [transposed(call, id, swap)])[0]!;
  return [transposed(call, output, swap)];
};

/** Activations as layers of their own. */
export const ACTIVATION_LAYERS: Readonly<Record<string, LayerImporter>> = {
  Activation: call => [activated(call, soleInput(call).id)],
  ELU: elu,
  LeakyReLU: leakyRelu,
  PReLU: prelu,
  ReLU: relu,
  Softmax: softmax,
  ThresholdedReLU: thresholdedRelu,
};

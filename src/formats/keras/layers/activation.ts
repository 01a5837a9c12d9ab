import type {TfmotError} from '../../../errors.ts';
import type {Activation} from '../../../graph/ops/activation.ts';
import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Shape, TensorId} from '../../../graph/tensor.ts';
import type {LayerSpec} from '../config.ts';
import {integers, isRecord, real, unsupported, wordOf, wrong} from '../config.ts';
import type {SavedBy} from '../saved-by.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {innerAxis, soleInput, weightOf} from './layer.ts';
import {transposed} from './layout.ts';

const RELU: Activation = {type: 'relu', maxValue: Infinity, slope: 0, threshold: 0};

/** Element-wise activations by the names Keras and TensorFlow.js save, as `wordOf` writes them. */
const BY_NAME: Readonly<Record<string, Activation>> = {
  celu: {type: 'elu', alpha: 1},
  elu: {type: 'elu', alpha: 1},
  exponential: {type: 'exponential'},
  gelu: {type: 'gelu'},
  gelunew: {type: 'gelu-tanh'},
  hardsigmoid: {type: 'hard-sigmoid'},
  hardsilu: {type: 'hard-swish'},
  hardswish: {type: 'hard-swish'},
  leakyrelu: {...RELU, slope: 0.2},
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

/** Names that Keras 3 gave another meaning. */
const BY_NAME_IN_KERAS_3: Readonly<Record<string, Activation>> = {hardsigmoid: {type: 'hard-sigmoid-6'}};

/** Activations that look at more than one element, along the last axis. */
const ACROSS: readonly string[] = ['softmax', 'logsoftmax'];

/** Layers that may be given as the activation of another, with their options. */
const BY_CLASS: Readonly<Record<string, (layer: LayerSpec) => Activation>> = {
  ELU: layer => ({type: 'elu', alpha: real(layer, 'alpha', 1)}),
  // Keras 3 has another word for the slope.
  LeakyReLU: layer => ({...RELU, slope: real(layer, 'negativeSlope', real(layer, 'alpha', 0.3))}),
  ReLU: layer => ({
    type: 'relu',
    maxValue: (layer.config['maxValue'] ?? null) === null ? Infinity : real(layer, 'maxValue'),
    slope: real(layer, 'negativeSlope', 0),
    threshold: real(layer, 'threshold', 0),
  }),
  ThresholdedReLU: layer => ({...RELU, threshold: real(layer, 'theta', 1)}),
};

/** The element-wise activation of a name, as `wordOf` writes it; undefined for none. */
export function activationNamed(name: string, savedBy: SavedBy): Activation | undefined {
  if (savedBy === 'keras-3' && Object.hasOwn(BY_NAME_IN_KERAS_3, name)) return BY_NAME_IN_KERAS_3[name]!;
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name]! : undefined;
}

/**
 * The activation that a layer's config names: a string, an object with a class name, or nothing for linear.
 *
 * @returns The name of one across elements, or an element-wise one.
 * @throws TfmotError `unsupported-layer` for unknown names, `invalid-topology` for what is no name.
 */
function activationOf(layer: LayerSpec, savedBy: SavedBy, key: string, fallback: string): string | Activation {
  const value = layer.config[key] === undefined ? fallback : (layer.config[key] ?? 'linear');
  let name: unknown = value;
  if (isRecord(value)) {
    const {className, config} = value;
    if (typeof className === 'string' && Object.hasOwn(BY_CLASS, className) && isRecord(config))
      return BY_CLASS[className]!({...layer, config});
    // Keras 2 saves a function of its own as {className: 'function', config: its name}.
    name = className === 'function' ? config : className;
  }
  if (typeof name !== 'string') throw wrong(layer, key, 'the name of an activation', value);
  const known = wordOf(name);
  if (ACROSS.includes(known)) return known;
  const activation = activationNamed(known, savedBy);
  if (activation !== undefined) return activation;
  throw unknown(layer, known);
}

function unknown(layer: LayerSpec, name: string): TfmotError {
  return unsupported(
    layer,
    `has the activation '${name}', which is none of ${[...Object.keys(BY_NAME), ...ACROSS].join(', ')}.`,
  );
}

/**
 * The element-wise activation of a layer that cannot have another, such as a recurrent one.
 *
 * @throws TfmotError `unsupported-layer` for unknown names, and for softmax.
 */
export function elementwiseActivation(
  {layer, savedBy}: Pick<LayerCall, 'layer' | 'savedBy'>,
  key: string,
  fallback: string,
): Activation {
  const activation = activationOf(layer, savedBy, key, fallback);
  if (typeof activation === 'string') throw unsupported(layer, `cannot have the activation '${activation}' here.`);
  return activation;
}

/** Whether the layer's activation looks at more than one element, so that it matters which axis is the last. */
export function activatesAcross({layer, savedBy}: LayerCall): boolean {
  return typeof activationOf(layer, savedBy, 'activation', 'linear') === 'string';
}

/** Adds the activation a layer's config names; the layer's input unchanged for a linear one. */
export function activated(call: LayerCall, input: TensorId): TensorId {
  const {layer, builder, savedBy} = call;
  const activation = activationOf(layer, savedBy, 'activation', 'linear');
  if (typeof activation === 'string')
    return builder.emit(layer.name, {type: 'softmax', log: activation === 'logsoftmax'}, [input])[0]!;
  return elementwise(call, input, activation);
}

function elementwise({layer, builder}: LayerCall, input: TensorId, activation: Activation): TensorId {
  if (activation.type === 'linear') return input;
  return builder.emit(layer.name, {type: 'activation', activation}, [input])[0]!;
}

/** An element-wise activation as a layer of its own. */
const layerOf =
  (className: string): LayerImporter =>
  call => [elementwise(call, soleInput(call).id, BY_CLASS[className]!(call.layer))];

const prelu: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const shared = call.layer.config['sharedAxes'] === null ? [] : integers(call.layer, 'sharedAxes', []);
  const alphaShape: Shape = shape.map((size, i) => (shared.includes(i + 1) ? 1 : size));
  return call.builder.emit(call.layer.name, {type: 'prelu', alpha: weightOf(call, 'alpha', alphaShape)}, [id]);
};

const softmax: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const axes = integers(call.layer, 'axis', [-1]);
  if (axes.length !== 1)
    throw unsupported(
      call.layer,
      `must run along one axis, but has ${axes.length}. Reshape these axes into one before it.`,
    );
  const axis = innerAxis(call, axes[0]!, shape);
  const last = shape.length - 1;
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const output = call.builder.emit(call.layer.name, {type: 'softmax', log: false}, [transposed(call, id, swap)])[0]!;
  return [transposed(call, output, swap)];
};

/** Activations as layers of their own. */
export const ACTIVATION_LAYERS: Readonly<Record<string, LayerImporter>> = {
  ...Object.fromEntries(Object.keys(BY_CLASS).map(className => [className, layerOf(className)])),
  Activation: call => [activated(call, soleInput(call).id)],
  PReLU: prelu,
  Softmax: softmax,
};

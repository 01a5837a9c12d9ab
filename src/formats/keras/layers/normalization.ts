import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Op} from '../../../graph/ops/index.ts';
import type {Attributes} from '../../../graph/ops/op.ts';
import type {Shape, TensorId, Weight} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {show} from '../../../show.ts';
import {flag, integers, real, unsupported, wrong} from '../config.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {innerAxis, soleInput, weightOf} from './layer.ts';
import {reshaped, transposed} from './layout.ts';

function filled(size: number, value: number): Float32Array {
  return new Float32Array(size).fill(value);
}

/** A trained weight, or a constant where the layer was told to do without. */
function optional(call: LayerCall, key: string, name: string, shape: Shape, value: number): Weight {
  if (flag(call.layer, key, true)) return weightOf(call, name, shape);
  return call.constant(`${call.path}/${name}`, shape, () => filled(sizeOf(shape), value));
}

/** `input * scale + shift`, one pair for each place of the last dimension. */
function affine({layer, builder}: LayerCall, input: TensorId, scale: Weight, shift: Weight): TensorId {
  return builder.emit(layer.name, {type: 'affine', scale, shift, activation: LINEAR}, [input])[0]!;
}

const batchNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, path} = call;
  const axis = innerAxis(call, integers(layer, 'axis', [-1])[0]!, shape);
  const size = [shape[axis]!];
  const gamma = optional(call, 'scale', 'gamma', size, 1).data;
  const beta = optional(call, 'center', 'beta', size, 0).data;
  const mean = weightOf(call, 'moving_mean', size).data;
  const variance = weightOf(call, 'moving_variance', size).data;
  const epsilon = real(layer, 'epsilon', 1e-3);
  const factor = (c: number): number => gamma[c]! / Math.sqrt(variance[c]! + epsilon);
  const scale = call.constant(`${path}/scale`, size, () => Float32Array.from(gamma, (_, c) => factor(c)));
  const shift = call.constant(`${path}/shift`, size, () =>
    Float32Array.from(beta, (summand, c) => summand - mean[c]! * factor(c)),
  );
  const last = shape.length - 1;
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  return [transposed(call, affine(call, transposed(call, id, swap), scale, shift), swap)];
};

const layerNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder} = call;
  if (flag(layer, 'rmsScaling', false))
    throw unsupported(layer, 'scales by the root mean square, which is not supported.');
  const axes = integers(layer, 'axis', [-1]).map(axis => innerAxis(call, axis, shape));
  const dimensions = axes.length;
  if (axes.some((axis, i) => axis !== shape.length - dimensions + i))
    throw unsupported(layer, `must normalise over the last axes in order, but has axes ${show(layer.config['axis'])}.`);
  const size = shape.slice(-dimensions);
  const gamma = optional(call, 'scale', 'gamma', size, 1);
  const beta = optional(call, 'center', 'beta', size, 0);
  const epsilon = real(layer, 'epsilon', 1e-3);
  return builder.emit(layer.name, {type: 'layer-norm', dimensions, epsilon, gamma, beta}, [id]);
};

/** Zero mean and unit variance over each group of channels with all places; then a factor and a summand a channel. */
const groupNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder, path} = call;
  const axis = innerAxis(call, integers(layer, 'axis', [-1])[0]!, shape);
  const channels = shape[axis]!;
  const asked = real(layer, 'groups', 32);
  const groups = asked === -1 ? channels : asked;
  if (!(groups > 0) || channels % groups !== 0)
    throw wrong(layer, 'groups', `-1 or a divisor of ${channels} channels`, asked);
  const last = shape.length - 1;
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const turned = transposed(call, id, swap);
  const places = sizeOf(shape) / channels;
  const each = channels / groups;
  const size = [places, each];
  const apart = transposed(call, reshaped(call, turned, [places, groups, each]), [1, 0, 2]);
  const ones = call.constant(`${path}/ones`, size, () => filled(sizeOf(size), 1));
  const zeros = call.constant(`${path}/zeros`, size, () => filled(sizeOf(size), 0));
  const norm = {type: 'layer-norm', dimensions: 2, gamma: ones, beta: zeros} as const;
  const epsilon = real(layer, 'epsilon', 1e-3);
  const normal = builder.emit(layer.name, {...norm, epsilon}, [apart])[0]!;
  const together = reshaped(call, transposed(call, normal, [1, 0, 2]), builder.tensor(turned).shape);
  const gamma = optional(call, 'scale', 'gamma', [channels], 1);
  const beta = optional(call, 'center', 'beta', [channels], 0);
  return [transposed(call, affine(call, together, gamma, beta), swap)];
};

/** The least square of a length that Keras divides by. */
const LEAST_SQUARE = 1e-12;

/** Divides by the length along some axes. */
const unitNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder} = call;
  const axes = integers(layer, 'axis', [-1])
    .map(axis => innerAxis(call, axis, shape))
    .sort((a, b) => a - b);
  const emit = (op: Attributes<Op>, ...inputs: readonly TensorId[]): TensorId =>
    builder.emit(layer.name, op, inputs)[0]!;
  const squares = emit({type: 'activation', activation: {type: 'square'}}, id);
  const sum = emit({type: 'reduce', kind: 'sum', axes, keepDims: true}, squares);
  const least = call.constant('least square', [], () => Float32Array.of(LEAST_SQUARE));
  const bounded = emit(
    {type: 'merge', kind: 'maximum', activation: {type: 'rsqrt'}},
    sum,
    emit({type: 'constant', value: least}),
  );
  return [emit({type: 'merge', kind: 'multiply', activation: LINEAR}, id, bounded)];
};

const rescaling: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const channels = shape.at(-1) ?? 1;
  const perChannel = (key: string, fallback: number): Weight =>
    call.constant(`${call.path}/${key}`, [channels], () => numbersOf(call, key, channels, fallback));
  return [affine(call, id, perChannel('scale', 1), perChannel('offset', 0))];
};

/** Numbers of the config: one for all of `size` places, or one for each, nested as Python nests arrays. */
function numbersOf({layer}: LayerCall, key: string, size: number, fallback?: number): Float32Array {
  const value = layer.config[key];
  if (!Array.isArray(value)) return filled(size, real(layer, key, fallback));
  const list: readonly unknown[] = value.flat(8);
  if (!list.every(item => typeof item === 'number' && Number.isFinite(item)))
    throw wrong(layer, key, 'a finite number, or a list of them', value);
  if (list.length === size) return Float32Array.from(list as readonly number[]);
  if (list.length === 1) return filled(size, list[0] as number);
  throw unsupported(
    layer,
    `must have one '${key}' for all, or one for each of ${size} places, but has ${list.length}.`,
  );
}

/** Keras divides by no less than this. */
const LEAST_DEVIATION = 1e-7;

/**
 * `(x - mean) / deviation`, one pair for each place of the axes that are kept; those are brought last and made one, and
 * back. Mean and variance are weights, or in the config.
 */
const normalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, path} = call;
  const own = keptAxes(call, shape);
  // One mean for all is one for each channel.
  const kept = own.length === 0 ? shape.map((_, axis) => axis).slice(-1) : own;
  const rest = shape.map((_, axis) => axis).filter(axis => !kept.includes(axis));
  const size = sizeOf(kept.map(axis => shape[axis]!));
  const given = (layer.config['mean'] ?? null) !== null || (layer.config['variance'] ?? null) !== null;
  const numbers = (key: string): ((place: number) => number) => {
    if (given) return at(numbersOf(call, key, size));
    return at(
      weightOf(
        call,
        key,
        own.map(axis => shape[axis]!),
      ).data,
    );
  };
  const [mean, variance] = [numbers('mean'), numbers('variance')];
  const deviation = (i: number): number => Math.max(Math.sqrt(variance(i)), LEAST_DEVIATION);
  const invert = flag(layer, 'invert', false);
  const scale = call.constant(`${path}/scale`, [size], () =>
    Float32Array.from({length: size}, (_, i) => (invert ? deviation(i) : 1 / deviation(i))),
  );
  const shift = call.constant(`${path}/shift`, [size], () =>
    Float32Array.from({length: size}, (_, i) => (invert ? mean(i) : -mean(i) / deviation(i))),
  );
  const order = [...rest, ...kept];
  const turned = transposed(call, id, order);
  const flat = reshaped(call, turned, [...rest.map(axis => shape[axis]!), size]);
  const scaled = affine(call, flat, scale, shift);
  const back = reshaped(
    call,
    scaled,
    order.map(axis => shape[axis]!),
  );
  const inverse = shape.map((_, axis) => order.indexOf(axis));
  return [transposed(call, back, inverse)];
};

/** The number for a place; one number stands for all. */
function at(numbers: Float32Array): (place: number) => number {
  return place => numbers[numbers.length === 1 ? 0 : place]!;
}

/** The axes that have a mean of their own, in order; none where there is one for all. */
function keptAxes(call: LayerCall, shape: Shape): number[] {
  if (call.layer.config['axis'] === null) return [];
  const axes = integers(call.layer, 'axis', [-1]).map(axis => innerAxis(call, axis, shape));
  return [...new Set(axes)].sort((a, b) => a - b);
}

/** Normalisations; at inference a batch normalisation is a factor and a summand a channel. */
export const NORMALIZATION_LAYERS: Readonly<Record<string, LayerImporter>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  Normalization: normalization,
  Rescaling: rescaling,
  UnitNormalization: unitNormalization,
};

import {TfmotError} from '../../../errors.ts';
import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Shape} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {flag, integers, real} from '../config.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {constant, innerAxis, soleInput, weightOf} from './layer.ts';
import {transposed} from './layout.ts';

function filled(size: number, value: number): Float32Array {
  return new Float32Array(size).fill(value);
}

/** A trained weight, or a constant where the layer was told to do without. */
function optional(call: LayerCall, key: string, name: string, shape: Shape, value: number) {
  if (flag(call.layer, key, true)) return weightOf(call, name, shape);
  return constant(`${call.path}/${name}`, shape, filled(sizeOf(shape), value));
}

const batchNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder, path} = call;
  const axis = innerAxis(call, integers(layer, 'axis', [-1])[0]!, shape);
  const size = [shape[axis]!];
  const gamma = optional(call, 'scale', 'gamma', size, 1);
  const beta = optional(call, 'center', 'beta', size, 0);
  const mean = weightOf(call, 'moving_mean', size);
  const variance = weightOf(call, 'moving_variance', size);
  const epsilon = real(layer, 'epsilon', 1e-3);
  const scale = new Float32Array(size[0]!);
  const shift = new Float32Array(size[0]!);
  for (let c = 0; c < scale.length; c++) {
    const factor = gamma.data[c]! / Math.sqrt(variance.data[c]! + epsilon);
    scale[c] = factor;
    shift[c] = beta.data[c]! - mean.data[c]! * factor;
  }
  const last = shape.length - 1;
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const attributes = {
    type: 'affine',
    scale: constant(`${path}/scale`, size, scale),
    shift: constant(`${path}/shift`, size, shift),
    activation: LINEAR,
  } as const;
  return [transposed(call, builder.emit(layer.name, attributes, [transposed(call, id, swap)])[0]!, swap)];
};

const layerNormalization: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder} = call;
  const axes = integers(layer, 'axis', [-1]).map(axis => innerAxis(call, axis, shape));
  const dimensions = axes.length;
  if (axes.some((axis, i) => axis !== shape.length - dimensions + i)) {
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${layer.name}' (LayerNormalization) must normalise over the last axes in order, but has axes ${JSON.stringify(layer.config['axis'])}.`,
    );
  }
  const size = shape.slice(-dimensions);
  const gamma = optional(call, 'scale', 'gamma', size, 1);
  const beta = optional(call, 'center', 'beta', size, 0);
  const epsilon = real(layer, 'epsilon', 1e-3);
  return builder.emit(layer.name, {type: 'layer-norm', dimensions, epsilon, gamma, beta}, [id]);
};

const rescaling: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder, path} = call;
  const channels = shape.at(-1) ?? 1;
  const perChannel = (key: string, fallback: number): Float32Array => {
    const value = layer.config[key];
    if (!Array.isArray(value)) return filled(channels, real(layer, key, fallback));
    if (value.length === channels && value.every(Number.isFinite)) return Float32Array.from(value);
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${layer.name}' (Rescaling): '${key}' must be one number, or one for each of ${channels} channels.`,
    );
  };
  const attributes = {
    type: 'affine',
    scale: constant(`${path}/scale`, [channels], perChannel('scale', 1)),
    shift: constant(`${path}/offset`, [channels], perChannel('offset', 0)),
    activation: LINEAR,
  } as const;
  return builder.emit(layer.name, attributes, [id]);
};

/** Normalisations; at inference a batch normalisation is a factor and a summand a channel. */
export const NORMALIZATION_LAYERS: Readonly<Record<string, LayerImporter>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,
};

import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Padding, TensorId, Weight} from '../../../graph/tensor.ts';
import {samePadding} from '../../same-padding.ts';
import {count, counts, flag, unsupported, word, wrong} from '../config.ts';
import {activated, activatesAcross} from './activation.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {weightOf} from './layer.ts';
import {asImage, channelsLast} from './layout.ts';

type Pair = readonly [number, number];

/** The explicit padding of a window over `[h, w, ...]` by the layer's `padding` word. */
export function paddingOf(call: LayerCall, input: TensorId, size: Pair, dilations: Pair, strides: Pair): Padding {
  const mode = word(call.layer, 'padding', 'valid');
  const [height, width] = call.builder.tensor(input).shape as [number, number];
  if (mode === 'valid') return {top: 0, bottom: 0, left: 0, right: 0};
  if (mode === 'causal') return {top: 0, bottom: 0, left: (size[1] - 1) * dilations[1], right: 0};
  if (mode !== 'same') throw wrong(call.layer, 'padding', `'valid', 'same' or 'causal'`, mode);
  const [top, bottom] = samePadding(height, size[0], dilations[0], strides[0]);
  const [left, right] = samePadding(width, size[1], dilations[1], strides[1]);
  return {top, bottom, left, right};
}

/** Two numbers of the config, or for a 1-D layer one number along the width. */
export function pairOf({layer}: LayerCall, rank: 1 | 2, key: string, fallback?: number): Pair {
  const list = counts(layer, key, rank, fallback);
  return rank === 1 ? [1, list[0]!] : [list[0]!, list[1]!];
}

/** The bias, where the layer has one. */
export function biasOf(call: LayerCall, units: number): Weight | null {
  return flag(call.layer, 'useBias', true) ? weightOf(call, 'bias', [units]) : null;
}

/**
 * Runs a 2-D body for a 1-D or 2-D layer of either data format, then its activation: on the image with its channels
 * last where it goes element by element, so that the two can become one, else along the last axis that the layer has.
 */
function spatial(call: LayerCall, rank: 1 | 2, body: (image: TensorId) => TensorId): readonly TensorId[] {
  const across = activatesAcross(call);
  const inner = (image: TensorId): TensorId => (across ? body(image) : activated(call, body(image)));
  const output = channelsLast(call, input => (rank === 1 ? asImage(call, input, inner) : inner(input)));
  return [across ? activated(call, output) : output];
}

/** A kernel of a 1-D layer `[k, ...]` as one of height 1. */
function kernelOf(call: LayerCall, rank: 1 | 2, name: string, shape: readonly number[]): Weight {
  const weight = weightOf(call, name, rank === 1 ? shape.slice(1) : shape);
  return rank === 1 ? {...weight, shape} : weight;
}

function channelsOf(call: LayerCall, image: TensorId): number {
  return call.builder.tensor(image).shape.at(-1)!;
}

function window(call: LayerCall, rank: 1 | 2, image: TensorId) {
  const size = pairOf(call, rank, 'kernelSize');
  const strides = pairOf(call, rank, 'strides', 1);
  const dilations = pairOf(call, rank, 'dilationRate', 1);
  return {size, strides, dilations, padding: paddingOf(call, image, size, dilations, strides)};
}

const convolution =
  (rank: 1 | 2): LayerImporter =>
  call =>
    spatial(call, rank, image => {
      const {layer, builder} = call;
      const groups = count(layer, 'groups', 1);
      if (groups !== 1 && call.savedBy === 'tfjs')
        throw unsupported(layer, `has ${groups} groups, which TensorFlow.js does not compute.`);
      const {size, ...sliding} = window(call, rank, image);
      const filters = count(layer, 'filters');
      const kernel = kernelOf(call, rank, 'kernel', [...size, channelsOf(call, image) / groups, filters]);
      const attributes = {
        type: 'conv2d',
        groups,
        kernel,
        bias: biasOf(call, filters),
        ...sliding,
        activation: LINEAR,
      } as const;
      return builder.emit(layer.name, attributes, [image])[0]!;
    });

const depthwise =
  (rank: 1 | 2): LayerImporter =>
  call =>
    spatial(call, rank, image => {
      const {layer, builder} = call;
      const size = pairOf(call, rank, 'kernelSize');
      const strides = pairOf(call, rank, 'strides', 1);
      // TensorFlow.js saves the rate of a DepthwiseConv2D but has never applied it.
      const dilations = call.savedBy === 'tfjs' ? ([1, 1] as const) : pairOf(call, rank, 'dilationRate', 1);
      const padding = paddingOf(call, image, size, dilations, strides);
      const channels = channelsOf(call, image);
      const multiplier = count(layer, 'depthMultiplier', 1);
      const kernel = kernelOf(call, rank, 'depthwise_kernel', [...size, channels, multiplier]);
      const bias = biasOf(call, channels * multiplier);
      const attributes = {
        type: 'depthwise-conv2d',
        kernel,
        bias,
        strides,
        dilations,
        padding,
        activation: LINEAR,
      } as const;
      return builder.emit(layer.name, attributes, [image])[0]!;
    });

const separable =
  (rank: 1 | 2): LayerImporter =>
  call =>
    spatial(call, rank, image => {
      const {layer, builder} = call;
      const {size, ...sliding} = window(call, rank, image);
      const channels = channelsOf(call, image);
      // TensorFlow.js does not save the multiplier of a separable convolution; its weight has it.
      const saved = call.weights.find(call.path, 'depthwise_kernel')?.shape.at(-1);
      const multiplier = count(layer, 'depthMultiplier', saved);
      const filters = count(layer, 'filters');
      const depthKernel = kernelOf(call, rank, 'depthwise_kernel', [...size, channels, multiplier]);
      const pointKernel = kernelOf(call, rank, 'pointwise_kernel', [1, 1, channels * multiplier, filters]);
      const depth = {
        type: 'depthwise-conv2d',
        kernel: depthKernel,
        bias: null,
        ...sliding,
        activation: LINEAR,
      } as const;
      const point = {
        type: 'conv2d',
        groups: 1,
        kernel: pointKernel,
        bias: biasOf(call, filters),
        strides: [1, 1],
        dilations: [1, 1],
        padding: {top: 0, bottom: 0, left: 0, right: 0},
        activation: LINEAR,
      } as const;
      const between = builder.emit(layer.name, depth, [image])[0]!;
      return builder.emit(layer.name, point, [between])[0]!;
    });

const transposedConvolution =
  (rank: 1 | 2): LayerImporter =>
  call =>
    spatial(call, rank, image => {
      const {layer, builder} = call;
      const size = pairOf(call, rank, 'kernelSize');
      const strides = pairOf(call, rank, 'strides', 1);
      const dilations = pairOf(call, rank, 'dilationRate', 1);
      if (dilations.some(rate => rate !== 1) || (layer.config['outputPadding'] ?? null) !== null)
        throw unsupported(layer, 'must have dilation rate 1 and no output padding.');
      const same = word(layer, 'padding', 'valid') === 'same';
      const filters = count(layer, 'filters');
      const kernel = kernelOf(call, rank, 'kernel', [...size, filters, channelsOf(call, image)]);
      const [top, bottom] = cut(size[0], strides[0], same);
      const [left, right] = cut(size[1], strides[1], same);
      const padding = {top, bottom, left, right};
      const attributes = {
        type: 'conv2d-transpose',
        kernel,
        bias: biasOf(call, filters),
        strides,
        padding,
        activation: LINEAR,
      } as const;
      return builder.emit(layer.name, attributes, [image])[0]!;
    });

/** Rows cut off before and after; Keras makes `input * stride` rows for `same`, and never fewer for `valid`. */
function cut(size: number, stride: number, same: boolean): Pair {
  const surplus = size - stride;
  if (!same) return [0, Math.min(0, surplus)];
  const before = Math.floor(Math.max(0, surplus) / 2);
  return [before, surplus - before];
}

/** Convolutions. */
export const CONVOLUTION_LAYERS: Readonly<Record<string, LayerImporter>> = {
  Conv1D: convolution(1),
  Conv1DTranspose: transposedConvolution(1),
  Conv2D: convolution(2),
  Conv2DTranspose: transposedConvolution(2),
  Convolution1D: convolution(1),
  Convolution2D: convolution(2),
  DepthwiseConv1D: depthwise(1),
  DepthwiseConv2D: depthwise(2),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
};

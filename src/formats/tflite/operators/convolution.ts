import type {Padding, Weight} from '../../../graph/tensor.ts';
import {NO_PADDING, sizeOf} from '../../../graph/tensor.ts';
import {outputsLast} from '../../fold/arranged.ts';
import {arrangedWeight, imageOf} from '../../fold/site.ts';
import type {Constant, Value} from '../../fold/value.ts';
import {convolved, convolvedBack, convolvedByDepth, pooled} from '../../fold/windows.ts';
import {samePadding} from '../../same-padding.ts';
import {PADDINGS} from '../schema.ts';
import {fused} from './activation.ts';
import {
  constantInput,
  eachImage,
  hasInput,
  inputOf,
  integersInput,
  misfit,
  numberOption,
  type OperatorCall,
  type OperatorImporter,
  vectorWeight,
} from './operator.ts';

type Pair = readonly [number, number];

/** Inputs: image, weights `[out, kh, kw, in / groups]`, bias. */
export const convolution: OperatorImporter = call => {
  const weights = kernelInput(call, 1);
  const [out, height, width, each] = weights.shape as [number, number, number, number];
  const image = (value: Value): Value => {
    const {channels} = sizesOf(call, value);
    const groups = channels / each;
    if (!Number.isInteger(groups) || out % groups !== 0)
      throw misfit(call, `has weights [${weights.shape}] for ${channels} channels.`);
    const shape = [height, width, each, out];
    const kernel = arrangedWeight(call.at, weights, 'outputs last', shape, data => outputsLast(data, out));
    const sliding = slidingOf(call, value, [height, width]);
    return fused(call, convolved(call.at, value, kernel, biasInput(call, 2, out), sliding, {groups}));
  };
  return [eachImage(call, 0, image)];
};

/** Inputs: image, weights `[1, kh, kw, in * multiplier]`, which lie as the graph has them, bias. */
export const depthwise: OperatorImporter = call => {
  const weights = kernelInput(call, 1);
  const [first, height, width, out] = weights.shape as [number, number, number, number];
  const image = (value: Value): Value => {
    const {channels} = sizesOf(call, value);
    if (first !== 1 || out % channels !== 0)
      throw misfit(call, `has weights [${weights.shape}] for ${channels} channels.`);
    const shape = [height, width, channels, out / channels];
    const kernel = arrangedWeight(call.at, weights, 'depthwise', shape, data => data);
    const sliding = slidingOf(call, value, [height, width]);
    return fused(call, convolvedByDepth(call.at, value, kernel, biasInput(call, 2, out), sliding));
  };
  return [eachImage(call, 0, image)];
};

/** Inputs: shape of the output, weights `[out, kh, kw, in]`, image, bias. */
export const transposedConvolution: OperatorImporter = call => {
  const shape = integersInput(call, 0);
  if (shape.length !== 4) throw misfit(call, `has an output of ${shape.length} dimensions.`);
  const output: Pair = [shape[1]!, shape[2]!];
  return [convolvedInto(call, {image: 2, bias: 3, output, strides: stridesOf(call), isSame: isSame(call)})];
};

/**
 * MediaPipe's own. Inputs: image, weights `[out, kh, kw, in]`, bias. Its options are three int32: padding (1 same,
 * 2 valid), horizontal and vertical stride.
 */
export const transposedWithBias: OperatorImporter = call => {
  const {customOptions: bytes} = call.operator;
  if (bytes.length < 12) throw misfit(call, `has ${bytes.length} bytes of options, which must be 12 or more.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const padding = view.getInt32(0, true);
  const strides: Pair = [view.getInt32(8, true), view.getInt32(4, true)];
  if ((padding !== 1 && padding !== 2) || strides.some(stride => stride < 1))
    throw misfit(call, `has padding ${padding} and strides of ${strides}.`);
  const [, height, width] = inputOf(call, 0).shape as [number, number, number];
  const taps = kernelInput(call, 1).shape;
  const grown = (side: number, tap: number, stride: number): number =>
    padding === 1 ? side * stride : (side - 1) * stride + tap;
  const output: Pair = [grown(height, taps[1]!, strides[0]), grown(width, taps[2]!, strides[1])];
  return [convolvedInto(call, {image: 0, bias: 2, output, strides, isSame: padding === 1})];
};

interface Transposed {
  /** Which inputs they are. */
  readonly image: number;
  readonly bias: number;
  readonly output: Pair;
  readonly strides: Pair;
  readonly isSame: boolean;
}

function convolvedInto(call: OperatorCall, {image, bias, output, strides, isSame}: Transposed): Value {
  const weights = kernelInput(call, 1);
  const [out, height, width, inputs] = weights.shape as [number, number, number, number];
  return eachImage(call, image, value => {
    const {size, channels} = sizesOf(call, value);
    if (inputs !== channels) throw misfit(call, `has weights [${weights.shape}] for ${channels} channels.`);
    const shape = [height, width, out, channels];
    const kernel = arrangedWeight(call.at, weights, 'window first', shape, data =>
      windowFirst(data, out, height * width),
    );
    const [top, bottom] = cut(size[0], height, strides[0], output[0], isSame);
    const [left, right] = cut(size[1], width, strides[1], output[1], isSame);
    const padding = {top, bottom, left, right};
    return fused(call, convolvedBack(call.at, value, kernel, biasInput(call, bias, out), {strides, padding}));
  });
}

/**
 * What is cut off the full result along one dimension: as much as the convolution of the same options pads its input.
 */
function cut(input: number, taps: number, stride: number, output: number, isSame: boolean): Pair {
  const before = isSame ? samePadding(output, taps, 1, stride)[0] : 0;
  return [before, (input - 1) * stride + taps - before - output];
}

/** Maximum or average over windows. */
export const pool =
  (kind: 'average' | 'max'): OperatorImporter =>
  call => {
    const size: Pair = [numberOption(call, 'filterHeight'), numberOption(call, 'filterWidth')];
    if (size.some(taps => taps < 1)) throw misfit(call, `has a window of ${size}.`);
    const image = (value: Value): Value => {
      sizesOf(call, value);
      return fused(call, pooled(call.at, kind, value, size, slidingOf(call, value, size)));
    };
    return [eachImage(call, 0, image)];
  };

/** Sizes of an image `[1, height, width, channels]`. */
function sizesOf({at}: OperatorCall, value: Value): {size: Pair; channels: number} {
  const {shape} = imageOf(at, value);
  return {size: [shape[1]!, shape[2]!], channels: shape[3]!};
}

/** Weights of four dimensions. */
function kernelInput(call: OperatorCall, index: number): Constant {
  const kernel = constantInput(call, index);
  if (kernel.shape.length === 4 && sizeOf(kernel.shape) > 0) return kernel;
  throw misfit(call, `has weights [${kernel.shape}], which must have four dimensions.`);
}

/** The bias, if there is one. */
export function biasInput(call: OperatorCall, index: number, out: number): Weight | null {
  return hasInput(call, index) ? vectorWeight(call, index, out) : null;
}

function slidingOf(call: OperatorCall, {shape}: Value, size: Pair): {strides: Pair; dilations: Pair; padding: Padding} {
  const strides = stridesOf(call);
  const {dilationHeight = 1, dilationWidth = 1} = call.operator.options;
  const dilations: Pair = [Number(dilationHeight), Number(dilationWidth)];
  if (dilations.some(dilation => dilation < 1)) throw misfit(call, `has dilations of ${dilations}.`);
  if (!isSame(call)) return {strides, dilations, padding: NO_PADDING};
  const [top, bottom] = samePadding(shape[1]!, size[0], dilations[0], strides[0]);
  const [left, right] = samePadding(shape[2]!, size[1], dilations[1], strides[1]);
  return {strides, dilations, padding: {top, bottom, left, right}};
}

function stridesOf(call: OperatorCall): Pair {
  const strides: Pair = [numberOption(call, 'strideHeight'), numberOption(call, 'strideWidth')];
  if (strides.some(stride => stride < 1)) throw misfit(call, `has strides of ${strides}.`);
  return strides;
}

function isSame(call: OperatorCall): boolean {
  const padding = numberOption(call, 'padding');
  if (padding !== PADDINGS.same && padding !== PADDINGS.valid) throw misfit(call, `has padding ${padding}.`);
  return padding === PADDINGS.same;
}

/** `[out, taps, in]` to `[taps, out, in]`. */
function windowFirst(data: ArrayLike<number>, out: number, taps: number): Float32Array {
  const channels = data.length / out / taps;
  const arranged = new Float32Array(data.length);
  for (let o = 0, from = 0; o < out; o++)
    for (let tap = 0; tap < taps; tap++)
      for (let i = 0, to = (tap * out + o) * channels; i < channels; i++) arranged[to++] = data[from++]!;
  return arranged;
}

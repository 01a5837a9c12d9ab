import {sizeOf, type Weight} from '../../../graph/tensor.ts';
import {arrangedWeight} from '../../fold/site.ts';
import type {Constant} from '../../fold/value.ts';
import {convolved, convolvedBack, convolvedByDepth} from '../../fold/windows.ts';
import {
  constantInput,
  hasInput,
  intAttribute,
  intsAttribute,
  misfit,
  type NodeCall,
  type NodeImporter,
  textAttribute,
  vectorWeight,
} from './operator.ts';
import {explicitPadding, imageInput, imageOutput, type Pair, windowOf} from './window.ts';

/** Inputs: image, weights `[out, in / groups, ...window]`, bias. */
export const convolution: NodeImporter = call => {
  const weights = kernelInput(call);
  const [out, each, ...taps] = weights.shape as [number, number, ...number[]];
  const {image, channels, size, strides, dilations, padding, isRow} = windowOf(call, taps);
  const groups = intAttribute(call, 'group', 1);
  if (!(groups >= 1) || each * groups !== channels || out % groups !== 0)
    throw misfit(call, `has weights [${weights.shape}] in ${groups} groups for ${channels} channels.`);
  const bias = hasInput(call, 2) ? vectorWeight(call, 2, out) : null;
  const sliding = {strides, dilations, padding};
  if (groups > 1 && each === 1) {
    const multiplier = out / groups;
    const shape = [...size, channels, multiplier];
    const kernel = arrangedWeight(call.at, weights, 'window first', shape, data => windowFirst(data, out, 1));
    return imageOutput(call, convolvedByDepth(call.at, image, kernel, bias, sliding), isRow);
  }
  const shape = [...size, each, out];
  const kernel = arrangedWeight(call.at, weights, 'outputs last', shape, data => windowFirst(data, out, each));
  return imageOutput(call, convolved(call.at, image, kernel, bias, sliding, {groups}), isRow);
};

/** Inputs: image, weights `[in, out / groups, ...window]`, bias. Groups become zeros between the channels of others. */
export const transposedConvolution: NodeImporter = call => {
  const weights = kernelInput(call);
  const [inputs, each, ...taps] = weights.shape as [number, number, ...number[]];
  const {image, isRow} = imageInput(call);
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const groups = intAttribute(call, 'group', 1);
  if (!(groups >= 1) || inputs !== channels || inputs % groups !== 0 || taps.length !== (isRow ? 1 : 2))
    throw misfit(call, `has weights [${weights.shape}] in ${groups} groups for ${channels} channels.`);
  const pair = (name: string, fallback: number): Pair => {
    const numbers = intsAttribute(call, name) ?? taps.map(() => fallback);
    if (numbers.length !== taps.length || numbers.some(number => !(number >= fallback)))
      throw misfit(call, `has ${name} [${numbers}].`);
    return isRow ? [fallback, numbers[0]!] : [numbers[0]!, numbers[1]!];
  };
  const [strides, dilations] = [pair('strides', 1), pair('dilations', 1)];
  const window: Pair = isRow ? [1, taps[0]!] : [taps[0]!, taps[1]!];
  const spans: Pair = [(window[0] - 1) * dilations[0] + 1, (window[1] - 1) * dilations[1] + 1];
  const out = each * groups;
  const shape = [...spans, out, inputs];
  if (sizeOf(shape) > MAX_KERNEL) throw misfit(call, `would have a kernel of [${shape}].`);
  const kernel = arrangedWeight(call.at, weights, `${groups} groups, dilated by ${dilations}`, shape, data =>
    spread(data, {inputs, each, groups, window, dilations, spans}),
  );
  const bias: Weight | null = hasInput(call, 2) ? vectorWeight(call, 2, out) : null;
  const cut = cutOff(call, {isRow, sides: [height, width], spans, strides, extra: pair('output_padding', 0)});
  const [top, bottom, left, right] = cut as [number, number, number, number];
  const image2 = convolvedBack(call.at, image, kernel, bias, {strides, padding: {top, bottom, left, right}});
  return imageOutput(call, image2, isRow);
};

/** Most elements of a kernel with its zeros. */
const MAX_KERNEL = 2 ** 26;

interface Result {
  readonly isRow: boolean;
  readonly sides: Pair;
  readonly spans: Pair;
  readonly strides: Pair;
  readonly extra: Pair;
}

/** What is cut off the full result: top, bottom, left, right. */
function cutOff(call: NodeCall, {isRow, sides, spans, strides, extra}: Result): number[] {
  const automatic = textAttribute(call, 'auto_pad', 'NOTSET');
  const wanted = intsAttribute(call, 'output_shape');
  const isSame = automatic === 'SAME_UPPER' || automatic === 'SAME_LOWER';
  const given = explicitPadding(call, isRow);
  const own = [
    [given.top, given.bottom],
    [given.left, given.right],
  ] as const;
  return [0, 1].flatMap(axis => {
    const full = (sides[axis]! - 1) * strides[axis]! + spans[axis]!;
    if (wanted === undefined && !isSame) {
      const [before, after] = automatic === 'VALID' ? [0, 0] : own[axis]!;
      return [before, after - extra[axis]!];
    }
    const output =
      wanted === undefined ? sides[axis]! * strides[axis]! : isRow && axis === 0 ? 1 : wanted.at(axis - 2)!;
    const total = full + extra[axis]! - output;
    // What is odd goes before the image, but after it with SAME_UPPER.
    const less = Math.floor(total / 2);
    const before = automatic === 'SAME_UPPER' ? less : total - less;
    return [before, full - output - before];
  });
}

/** Weights of three dimensions or more, with something in them. */
function kernelInput(call: NodeCall): Constant {
  const kernel = constantInput(call, 1);
  if (kernel.shape.length >= 3 && sizeOf(kernel.shape) > 0) return kernel;
  throw misfit(call, `has weights [${kernel.shape}], which must have a window.`);
}

/** `[out, each, taps]` to `[taps, each, out]`. */
function windowFirst(data: ArrayLike<number>, out: number, each: number): Float32Array {
  const taps = data.length / out / each;
  const arranged = new Float32Array(data.length);
  for (let o = 0, from = 0; o < out; o++)
    for (let i = 0; i < each; i++)
      for (let tap = 0; tap < taps; tap++) arranged[(tap * each + i) * out + o] = data[from++]!;
  return arranged;
}

interface Spread {
  readonly inputs: number;
  readonly each: number;
  readonly groups: number;
  readonly window: Pair;
  readonly dilations: Pair;
  readonly spans: Pair;
}

/** `[in, out / groups, h, w]` to `[spans, out, in]`, zeros between. */
function spread(data: ArrayLike<number>, {inputs, each, groups, window, dilations, spans}: Spread): Float32Array {
  const out = each * groups;
  const arranged = new Float32Array(spans[0] * spans[1] * out * inputs);
  let from = 0;
  for (let i = 0; i < inputs; i++) {
    const first = Math.floor(i / (inputs / groups)) * each;
    for (let o = first; o < first + each; o++)
      for (let y = 0; y < window[0]; y++)
        for (let x = 0; x < window[1]; x++) {
          const tap = y * dilations[0] * spans[1] + x * dilations[1];
          arranged[(tap * out + o) * inputs + i] = data[from++]!;
        }
  }
  return arranged;
}

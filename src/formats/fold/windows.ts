import {type Activation, LINEAR} from '../../graph/ops/activation.ts';
import type {Conv2dOp} from '../../graph/ops/convolution.ts';
import type {Padding, Weight} from '../../graph/tensor.ts';
import {emit, flowing, imageOf, type Site} from './site.ts';
import type {Value} from './value.ts';

type Pair = readonly [number, number];

/** How a window slides over an image. */
export interface Sliding {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** A convolution `[kh, kw, in / groups, out]`. */
export function convolved(
  at: Site,
  image: Value,
  kernel: Weight,
  bias: Weight | null,
  sliding: Sliding,
  {groups = 1, activation = LINEAR}: Partial<Pick<Conv2dOp, 'groups' | 'activation'>> = {},
): Value {
  const {id} = imageOf(at, image);
  return asImage(at, emit(at, {type: 'conv2d', groups, kernel, bias, ...sliding, activation}, [id]));
}

/** A depthwise convolution `[kh, kw, in, multiplier]`. */
export function convolvedByDepth(
  at: Site,
  image: Value,
  kernel: Weight,
  bias: Weight | null,
  sliding: Sliding,
  activation: Activation = LINEAR,
): Value {
  const {id} = imageOf(at, image);
  return asImage(at, emit(at, {type: 'depthwise-conv2d', kernel, bias, ...sliding, activation}, [id]));
}

/** A transposed convolution `[kh, kw, out, in]`, whose result `padding` is cut off. */
export function convolvedBack(
  at: Site,
  image: Value,
  kernel: Weight,
  bias: Weight | null,
  {strides, padding}: Omit<Sliding, 'dilations'>,
  activation: Activation = LINEAR,
): Value {
  const {id} = imageOf(at, image);
  return asImage(at, emit(at, {type: 'conv2d-transpose', kernel, bias, strides, padding, activation}, [id]));
}

/** Maximum or average over windows. */
export function pooled(
  at: Site,
  kind: 'max' | 'average',
  image: Value,
  size: Pair,
  {strides, padding}: Omit<Sliding, 'dilations'>,
): Value {
  const {id} = imageOf(at, image);
  return asImage(at, emit(at, {type: 'pool2d', kind, size, strides, padding}, [id]));
}

function asImage(at: Site, id: number): Value {
  return flowing(at, id, [1, ...at.builder.tensor(id).shape]);
}

import {LINEAR} from '../../../graph/ops/activation.ts';
import type {Weight} from '../../../graph/tensor.ts';
import {multiplied} from '../../fold/compute.ts';
import {activated, merged, sloped} from '../../fold/elementwise.ts';
import {elementsOf, numbersOf, unsupportedNode, weightAs, weightOf} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {convolved, convolvedBack, convolvedByDepth, pooled} from '../../fold/windows.ts';
import {flagOf, wordOf, wordsOf} from '../nodes.ts';
import {
  checkLayout,
  fusedActivation,
  inputOf,
  type NodeCall,
  type NodeImporter,
  paddingOf,
  pairOf,
} from './node-call.ts';

function kernelOf(call: NodeCall): Weight {
  const kernel = inputOf(call, 1);
  if (kernel.kind !== 'constant') throw unsupportedNode(call, 'computes its kernel.');
  if (kernel.shape.length !== 4)
    throw unsupportedNode(call, `must have a kernel of 4 dimensions, but has [${kernel.shape}].`);
  return weightOf(call, kernel);
}

/** What a node has fused: a bias, an activation, slopes. */
interface Fused {
  readonly bias: Weight | null;
  readonly activation: ReturnType<typeof fusedActivation>;
  readonly slopes: Value | undefined;
}

/** @param channels Of the output. */
function fusedOf(call: NodeCall, channels: number): Fused {
  const [first, second, ...others] = wordsOf(call.node, 'fused_ops');
  if (first === undefined) return {bias: null, activation: LINEAR, slopes: undefined};
  if (first !== 'BiasAdd' || others.length > 0)
    throw unsupportedNode(call, `has ${[first, second, ...others].join(', ')} fused, which is not supported.`);
  const bias = inputOf(call, 2);
  if (bias.kind !== 'constant') throw unsupportedNode(call, 'computes its bias.');
  if (elementsOf(bias) !== channels)
    throw unsupportedNode(call, `has a bias [${bias.shape}] for ${channels} channels.`);
  const slopes = second === 'Prelu' ? inputOf(call, 3) : undefined;
  return {
    bias: weightAs(call, bias, [elementsOf(bias)]),
    activation: slopes === undefined ? fusedActivation(call, second) : LINEAR,
    slopes,
  };
}

const withSlopes = (call: NodeCall, value: Value, {slopes}: Fused): Value =>
  slopes === undefined ? value : sloped(call, value, slopes);

const convolution =
  (byDepth: boolean): NodeImporter =>
  call => {
    checkLayout(call);
    const image = inputOf(call, 0);
    const kernel = kernelOf(call);
    const [strides, dilations] = [pairOf(call, 'strides'), pairOf(call, 'dilations')];
    const [height, width, inputs, outputs] = kernel.shape as [number, number, number, number];
    const sliding = {strides, dilations, padding: paddingOf(call, image, [height, width], strides, dilations)};
    const fused = fusedOf(call, byDepth ? inputs * outputs : outputs);
    const {bias, activation} = fused;
    const groups = byDepth ? 1 : (image.shape[3] ?? inputs) / inputs;
    const made = byDepth
      ? convolvedByDepth(call, image, kernel, bias, sliding, activation)
      : convolved(call, image, kernel, bias, sliding, {groups, activation});
    return withSlopes(call, made, fused);
  };

/** The gradient of a convolution with respect to its input, which is a transposed convolution. */
const transposedConvolution: NodeImporter = call => {
  checkLayout(call);
  const sizes = numbersOf(call, call.inputs[0], 'an output size');
  const kernel = kernelOf(call);
  const image = inputOf(call, 2);
  const strides = pairOf(call, 'strides');
  if (pairOf(call, 'dilations').some(rate => rate !== 1)) throw unsupportedNode(call, 'is dilated.');
  const same = wordOf(call.node, 'padding', 'VALID') === 'SAME';
  const cut = (axis: 0 | 1): readonly [number, number] => {
    const surplus = (image.shape[axis + 1]! - 1) * strides[axis] + kernel.shape[axis]! - sizes[axis + 1]!;
    const before = same ? Math.floor(Math.max(0, surplus) / 2) : 0;
    return [before, surplus - before];
  };
  const [[top, bottom], [left, right]] = [cut(0), cut(1)];
  return convolvedBack(call, image, kernel, null, {strides, padding: {top, bottom, left, right}});
};

const product: NodeImporter = call => {
  const {node} = call;
  const [left, right] = node.op.startsWith('Batch') ? ['adj_x', 'adj_y'] : ['transpose_a', 'transpose_b'];
  const made = multiplied(call, inputOf(call, 0), inputOf(call, 1), flagOf(node, left!), flagOf(node, right!));
  const [first, second] = wordsOf(node, 'fused_ops');
  if (first === undefined) return made;
  if (first !== 'BiasAdd') throw unsupportedNode(call, `has ${first} fused, which is not supported.`);
  const shifted = merged(call, 'add', made, inputOf(call, 2));
  return second === 'Prelu'
    ? sloped(call, shifted, inputOf(call, 3))
    : activated(call, shifted, fusedActivation(call, second));
};

const pooling =
  (kind: 'max' | 'average'): NodeImporter =>
  call => {
    checkLayout(call);
    const image = inputOf(call, 0);
    const [size, strides] = [pairOf(call, 'ksize'), pairOf(call, 'strides')];
    return pooled(call, kind, image, size, {strides, padding: paddingOf(call, image, size, strides)});
  };

/** What slides over images, and matrix products. */
export const WINDOWS: Readonly<Record<string, NodeImporter>> = {
  AvgPool: pooling('average'),
  BatchMatMul: product,
  BatchMatMulV2: product,
  Conv2D: convolution(false),
  Conv2DBackpropInput: transposedConvolution,
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2dNative: convolution(true),
  MatMul: product,
  MaxPool: pooling('max'),
  _FusedConv2D: convolution(false),
  _FusedMatMul: product,
};

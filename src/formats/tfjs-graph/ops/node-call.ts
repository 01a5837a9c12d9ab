import {type Activation, LINEAR, RELU} from '../../../graph/ops/activation.ts';
import type {Padding} from '../../../graph/tensor.ts';
import {type Site, unsupportedNode} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {samePadding} from '../../same-padding.ts';
import {floatOf, intsOf, type Node, wordOf} from '../nodes.ts';

/** One node of a graph, to be turned into values: constants fold, tensors become ops. */
export interface NodeCall extends Site {
  readonly node: Node;
  readonly inputs: readonly Value[];
}

/** The import rule of one kind of node: what comes out of it. A new one is such a function, and a line in its table. */
export type NodeImporter = (call: NodeCall) => Value | readonly Value[];

/** The activations that a node may have fused, and those that are nodes of their own. */
export const ACTIVATIONS: Readonly<Record<string, (node: Node) => Activation>> = {
  Elu: () => ({type: 'elu', alpha: 1}),
  LeakyRelu: node => ({...RELU, slope: floatOf(node, node.op === 'LeakyRelu' ? 'alpha' : 'leakyrelu_alpha', 0.2)}),
  Relu: () => RELU,
  Relu6: () => ({...RELU, maxValue: 6}),
  Selu: () => ({type: 'selu'}),
  Sigmoid: () => ({type: 'sigmoid'}),
  Softplus: () => ({type: 'softplus'}),
  Softsign: () => ({type: 'softsign'}),
  Tanh: () => ({type: 'tanh'}),
};

/** The activation that a node has fused; linear for none. */
export function fusedActivation(call: NodeCall, name: string | undefined): Activation {
  if (name === undefined) return LINEAR;
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]!(call.node);
  throw unsupportedNode(call, `has ${name} fused, which is not supported.`);
}

/** An input of a node. */
export function inputOf(call: NodeCall, index: number): Value {
  const value = call.inputs[index];
  if (value === undefined) throw unsupportedNode(call, `needs ${index + 1} inputs, but has ${call.inputs.length}.`);
  return value;
}

/** The two spatial sizes of an attribute that has one number a dimension, such as strides. */
export function pairOf(call: NodeCall, name: string): readonly [number, number] {
  const [batch = 1, height = 1, width = 1, channels = 1] = intsOf(call.node, name);
  if (batch !== 1 || channels !== 1) throw unsupportedNode(call, `has ${name} over examples or channels.`);
  return [height, width];
}

/** The padding of a window over an image `[1, h, w, c]`. */
export function paddingOf(
  call: NodeCall,
  image: Value,
  size: readonly [number, number],
  strides: readonly [number, number],
  dilations: readonly [number, number] = [1, 1],
): Padding {
  const word = wordOf(call.node, 'padding', 'VALID');
  if (word === 'VALID') return {top: 0, bottom: 0, left: 0, right: 0};
  if (word === 'EXPLICIT') {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = intsOf(call.node, 'explicit_paddings');
    return {top, bottom, left, right};
  }
  if (word !== 'SAME') throw unsupportedNode(call, `has a padding '${word}', which is not supported.`);
  const [, height = 1, width = 1] = image.shape;
  const [top, bottom] = samePadding(height, size[0], dilations[0], strides[0]);
  const [left, right] = samePadding(width, size[1], dilations[1], strides[1]);
  return {top, bottom, left, right};
}

/** Refuses images with their channels first. */
export function checkLayout(call: NodeCall): void {
  const layout = wordOf(call.node, 'data_format', 'NHWC');
  if (layout !== 'NHWC') throw unsupportedNode(call, `has its data as ${layout}, and not as NHWC.`);
}

import type {Graph} from '../../../graph/graph.ts';
import type {Activation} from '../../../graph/ops/activation.ts';
import type {Conv2dOp, DepthwiseConv2dOp} from '../../../graph/ops/convolution.ts';
import type {Op} from '../../../graph/ops/index.ts';
import {poolsImage} from '../../../graph/ops/reduce.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import {NO_PADDING} from '../../../graph/tensor.ts';
import {equalPadding, samePadding} from './emit/padding.ts';

/** What a file with sparse weights must look like, so that the runtimes' sparse path computes right. */
export interface SparseChains {
  /** Whether zeros may be left out at all. */
  readonly allowed: boolean;
  /** Ops that pad by an operator of their own, because the fast path asks for it; empty where it is not taken. */
  readonly apart: ReadonlySet<Op>;
}

/**
 * The sparse path of the runtimes (XNNPACK's, for images of the channels' planes) begins at a convolution of three
 * channels, 3 x 3, stride 2, padded by one place all around by an operator of its own, and ends at the mean of each
 * channel. An op between that it does not know does not stop it: the numbers are wrong then, and nothing says so. So
 * the head is written where all ops behind it are known, is written with the padding `SAME`, which does not match,
 * where that is the same padding, and otherwise no zero is left out.
 *
 * @param fast Whether to look for the fast form: in others than floats, nobody has seen it right.
 */
export function sparseChains(graph: Graph, fast: boolean): SparseChains {
  const heads = graph.ops.filter(isHead);
  if (heads.length === 0) return {allowed: true, apart: new Set()};
  const [head] = heads as [Conv2dOp];
  const chain = fast && heads.length === 1 ? chainBehind(head, graph) : null;
  if (chain !== null) return {allowed: true, apart: new Set([head, ...chain])};
  const allowed = heads.every(({inputs, padding, strides}) =>
    equalPadding(padding, samePadding(graph.tensors[inputs[0]!]!.shape, {span: [3, 3], strides})),
  );
  return {allowed, apart: new Set()};
}

const AROUND = {top: 1, bottom: 1, left: 1, right: 1} as const;

function isHead(op: Op): op is Conv2dOp {
  if (op.type !== 'conv2d' || op.groups !== 1) return false;
  const [kh, kw, channels] = op.kernel.shape;
  const isThree = kh === 3 && kw === 3 && channels === 3;
  return isThree && allEqual(op.strides, 2) && allEqual(op.dilations, 1) && equalPadding(op.padding, AROUND);
}

/** The ops from the head to the means that end it, or null where the path would meet one that it does not know. */
function chainBehind(head: Conv2dOp, graph: Graph): readonly Op[] | null {
  if (!graph.inputs.some(({tensor}) => tensor === head.inputs[0]) || !isClamped(head.activation)) return null;
  const outputs = new Set(graph.outputs.map(({tensor}) => tensor));
  const inside = new Set<TensorId>([head.outputs[0]!]);
  const chain: Op[] = [];
  let ended = false;
  // Ops stand in the order of their computation: all that reads the chain is seen after what it reads.
  for (const op of graph.ops) {
    if (op === head || !op.inputs.some(id => inside.has(id))) continue;
    if (!isKnown(op) || !op.inputs.every(id => inside.has(id)) || op.inputs.some(id => outputs.has(id))) {
      // Behind the mean of an image whose own dimensions are gone, the path has ended.
      return null;
    }
    if (op.type === 'reduce' && !op.keepDims) ended = true;
    else inside.add(op.outputs[0]!);
    chain.push(op);
  }
  return ended ? chain : null;

  function isKnown(op: Op): boolean {
    switch (op.type) {
      case 'conv2d':
        return isPointwise(op) && isClamped(op.activation);
      case 'depthwise-conv2d':
        return isPlainDepthwise(op) && isClamped(op.activation);
      case 'merge':
        return (op.kind === 'add' || op.kind === 'multiply') && isClamped(op.activation);
      case 'activation':
        return isClamped(op.activation) || op.activation.type === 'hard-swish' || op.activation.type === 'sigmoid';
      case 'reduce':
        return op.kind === 'mean' && poolsImage(op, graph.tensors[op.inputs[0]!]!.shape);
      case 'resize2d':
        return op.interpolation === 'bilinear';
      default:
        return false;
    }
  }
}

function isPointwise({kernel, strides, padding, groups}: Conv2dOp): boolean {
  const [kh, kw] = kernel.shape;
  return kh === 1 && kw === 1 && groups === 1 && allEqual(strides, 1) && equalPadding(padding, NO_PADDING);
}

function isPlainDepthwise({kernel, strides, dilations, padding}: DepthwiseConv2dOp): boolean {
  const [kh, kw, , multiplier] = kernel.shape as [number, number, number, number];
  const around = (kh - 1) / 2;
  const centred = {top: around, bottom: around, left: around, right: around};
  const isKnownSize = kh === kw && (kh === 3 || kh === 5) && multiplier === 1;
  const isKnownStep = allEqual(strides, 1) || allEqual(strides, 2);
  return isKnownSize && isKnownStep && allEqual(dilations, 1) && equalPadding(padding, centred);
}

/** No activation, or one that kernels apply while they store. */
function isClamped(activation: Activation): boolean {
  if (activation.type === 'linear') return true;
  if (activation.type !== 'relu' || activation.slope !== 0 || activation.threshold !== 0) return false;
  return activation.maxValue === 6 || activation.maxValue === Number.POSITIVE_INFINITY;
}

function allEqual(numbers: readonly number[], wanted: number): boolean {
  return numbers.every(number => number === wanted);
}

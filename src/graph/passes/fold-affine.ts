import type {AffineOp} from '../ops/channel.ts';
import type {Conv2dOp, Conv2dTransposeOp, DepthwiseConv2dOp} from '../ops/convolution.ts';
import type {DenseOp} from '../ops/dense.ts';
import type {Op} from '../ops/index.ts';
import type {TensorId, Weight} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {readersOf, rewrite, writersOf} from './rewrite.ts';

/** Ops that multiply by trained weights and can take a factor a channel over. */
type Linear = Conv2dOp | Conv2dTransposeOp | DenseOp | DepthwiseConv2dOp;

/**
 * Batch normalisation (or rescaling) after a convolution or dense layer without an activation between: the factor
 * goes into its kernel, the summand into its bias. Zeros of a pruned kernel stay zeros.
 */
export const foldAffineBackward: Pass = graph => {
  const readers = readersOf(graph);
  const writers = writersOf(graph);
  const uses = kernelUses(graph.ops);
  const replaced = new Map<Op, Op | null>();
  const renamed = new Map<TensorId, TensorId>();
  for (const affine of graph.ops) {
    if (affine.type !== 'affine') continue;
    const linear = writers.get(affine.inputs[0]!);
    if (!isLinear(linear) || linear.activation.type !== 'linear' || readers[linear.outputs[0]!] !== 1) continue;
    if (uses.get(linear.kernel.data)! > 1 || replaced.has(linear)) continue;
    const kernel = scaledOutputs(linear, affine.scale.data);
    const bias = movedBias(linear.bias, affine);
    replaced.set(linear, {...linear, kernel, bias, activation: affine.activation});
    replaced.set(affine, null);
    renamed.set(affine.outputs[0]!, linear.outputs[0]!);
  }
  return rewrite(graph, replaced, renamed);
};

/**
 * The same before a convolution or dense layer, where it is exact: where no padded zeros would have been shifted too,
 * and nobody else reads the normalised value.
 */
export const foldAffineForward: Pass = graph => {
  const readers = readersOf(graph);
  const writers = writersOf(graph);
  const uses = kernelUses(graph.ops);
  const replaced = new Map<Op, Op | null>();
  const renamed = new Map<TensorId, TensorId>();
  for (const op of graph.ops) {
    if (op.type !== 'conv2d' && op.type !== 'depthwise-conv2d' && op.type !== 'dense') continue;
    const affine = writers.get(op.inputs[0]!);
    if (affine?.type !== 'affine' || affine.activation.type !== 'linear' || readers[affine.outputs[0]!] !== 1) continue;
    if (uses.get(op.kernel.data)! > 1 || replaced.has(affine)) continue;
    if (op.type === 'conv2d' && op.groups > 1) continue;
    if (affine.shift.data.some(shift => shift !== 0) && isPadded(op)) continue;
    replaced.set(op, {...op, ...absorbed(op, affine)});
    replaced.set(affine, null);
    renamed.set(affine.outputs[0]!, affine.inputs[0]!);
  }
  return rewrite(graph, replaced, renamed);
};

function isLinear(op: Op | undefined): op is Linear {
  return ['conv2d', 'conv2d-transpose', 'dense', 'depthwise-conv2d'].includes(op?.type ?? '');
}

function isPadded(op: Conv2dOp | DepthwiseConv2dOp | DenseOp): boolean {
  return op.type !== 'dense' && Object.values(op.padding).some(size => size !== 0);
}

/** How many ops use each kernel: a shared one is left alone, or its copies would cost memory. */
function kernelUses(ops: readonly Op[]): ReadonlyMap<Float32Array, number> {
  const uses = new Map<Float32Array, number>();
  for (const op of ops) if (isLinear(op)) uses.set(op.kernel.data, (uses.get(op.kernel.data) ?? 0) + 1);
  return uses;
}

/** The kernel with each output channel times its factor. */
function scaledOutputs(op: Linear, scale: Float32Array): Weight {
  const {kernel} = op;
  const data = new Float32Array(kernel.data.length);
  const channels = scale.length;
  // Every layout but the transposed convolution's ends with the output channels ([in, multiplier] for depthwise).
  const stride = op.type === 'conv2d-transpose' ? kernel.shape[3]! : 1;
  for (let i = 0; i < data.length; i++) data[i] = kernel.data[i]! * scale[Math.floor(i / stride) % channels]!;
  return {...kernel, data};
}

function movedBias(bias: Weight | null, {scale, shift}: AffineOp): Weight {
  if (bias === null) return shift;
  const data = new Float32Array(shift.data.length);
  for (let c = 0; c < data.length; c++) data[c] = bias.data[c]! * scale.data[c]! + shift.data[c]!;
  return {...bias, data};
}

/** Kernel and bias of an op that does the affine step on its input as well. */
function absorbed(
  op: Conv2dOp | DepthwiseConv2dOp | DenseOp,
  {scale, shift}: AffineOp,
): {kernel: Weight; bias: Weight} {
  const inputs = scale.data.length;
  const columns = op.kernel.shape.at(-1)!;
  const outputs = op.type === 'depthwise-conv2d' ? inputs * columns : columns;
  const source = op.kernel.data;
  const data = new Float32Array(source.length);
  const sums = new Float64Array(outputs);
  for (let row = 0, i = 0; i < source.length; row++) {
    const input = row % inputs;
    const first = op.type === 'depthwise-conv2d' ? input * columns : 0;
    for (let column = 0; column < columns; column++, i++) {
      data[i] = source[i]! * scale.data[input]!;
      sums[first + column]! += source[i]! * shift.data[input]!;
    }
  }
  const bias = Float32Array.from(sums, (sum, c) => sum + (op.bias?.data[c] ?? 0));
  const name = op.bias?.name ?? `${op.kernel.name}/bias`;
  return {kernel: {...op.kernel, data}, bias: {name, shape: [outputs], data: bias}};
}

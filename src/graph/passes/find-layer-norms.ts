import type {Graph} from '../graph.ts';
import {LINEAR} from '../ops/activation.ts';
import type {LayerNormOp} from '../ops/channel.ts';
import type {Op, OpOf} from '../ops/index.ts';
import type {TensorId, Weight} from '../tensor.ts';
import {equalShapes, sizeOf} from '../tensor.ts';
import type {Pass} from './rewrite.ts';
import {rewrite, writersOf} from './rewrite.ts';

/**
 * Layer normalisation that a converter has spelt out, over the last dimensions, becomes one op. Three spellings, with
 * `m = mean(x)` and `v = mean((x - m)^2)`: `(x - m) / sqrt(v + e)`, `(x - m) * rsqrt(v + e)`, and with factors
 * `x * (rsqrt(v + e) * gamma) + (beta - m * (rsqrt(v + e) * gamma))`. Factors and summands after the first two are
 * taken over by `foldIntoLayerNorms`.
 */
export const findLayerNorms: Pass = graph => {
  const find = {graph, writers: writersOf(graph)};
  const replaced = new Map<Op, Op>();
  for (const op of graph.ops) {
    const found =
      op.type === 'merge' && op.inputs.length === 2 ? (quotient(op, find) ?? product(op, find) ?? sum(op, find)) : null;
    if (found !== null) replaced.set(op, normalised(op as OpOf<'merge'>, found, graph));
  }
  return rewrite(graph, replaced, new Map());
};

interface Find {
  readonly graph: Graph;
  readonly writers: ReadonlyMap<TensorId, Op>;
}

/** What is normalised, and by what. */
interface Found {
  readonly input: TensorId;
  readonly dimensions: number;
  readonly epsilon: number;
  readonly gamma: Weight | null;
  readonly beta: Weight | null;
}

/** `(x - m) / sqrt(v + e)` */
function quotient(op: OpOf<'merge'>, find: Find): Found | null {
  if (op.kind !== 'divide') return null;
  const root = functionAt(op.inputs[1]!, 'sqrt', find);
  const centred = root === null ? null : centredAt(op.inputs[0]!, find);
  return centred === null ? null : varianceOf(root!, centred, find);
}

/** `(x - m) * rsqrt(v + e)` */
function product(op: OpOf<'merge'>, find: Find): Found | null {
  if (op.kind !== 'multiply') return null;
  for (const [a, b] of [op.inputs, [...op.inputs].reverse()] as [TensorId, TensorId][]) {
    const root = inverseRootAt(b, find);
    const centred = root === null ? null : centredAt(a, find);
    if (centred !== null) return varianceOf(root!, centred, find);
  }
  return null;
}

/** `x * r + (beta - m * r)`, `r` being `rsqrt(v + e)`, with or without a constant factor. */
function sum(op: OpOf<'merge'>, find: Find): Found | null {
  if (op.kind !== 'add') return null;
  for (const [a, b] of [op.inputs, [...op.inputs].reverse()] as [TensorId, TensorId][]) {
    const scaled = mergeAt(a, 'multiply', find);
    const rest = shiftAt(b, find);
    const moved = rest === null ? null : mergeAt(rest.negated, 'multiply', find);
    if (scaled === null || moved === null) continue;
    const factor = scaled.inputs.find(id => moved.inputs.includes(id));
    if (factor === undefined) continue;
    const [x, mean] = [other(scaled, factor), other(moved, factor)];
    const centred = meanOf(mean, find);
    const {root, gamma} = factorOf(factor, find);
    if (centred === null || centred.input !== x || root === null) continue;
    const found = varianceOf(root, centred, find);
    if (found !== null) return {...found, gamma, beta: rest!.beta};
  }
  return null;
}

/** `beta - z`: with a constant, or as an affine of -1. */
function shiftAt(id: TensorId, {writers}: Find): {negated: TensorId; beta: Weight | null} | null {
  const op = writers.get(id);
  if (op?.type === 'affine' && op.activation.type === 'linear' && op.scale.data.every(x => x === -1))
    return {negated: op.inputs[0]!, beta: op.shift};
  if (op?.type !== 'merge' || op.kind !== 'subtract') return null;
  const first = writers.get(op.inputs[0]!);
  return first?.type === 'constant' ? {negated: op.inputs[1]!, beta: first.value} : null;
}

function factorOf(id: TensorId, find: Find): {root: TensorId | null; gamma: Weight | null} {
  const plain = inverseRootAt(id, find);
  if (plain !== null) return {root: plain, gamma: null};
  const op = find.writers.get(id);
  if (op?.type === 'affine' && op.activation.type === 'linear' && op.shift.data.every(x => x === 0))
    return {root: inverseRootAt(op.inputs[0]!, find), gamma: op.scale};
  if (op?.type !== 'merge' || op.kind !== 'multiply') return {root: null, gamma: null};
  const at = op.inputs.findIndex(input => find.writers.get(input)?.type === 'constant');
  if (at < 0) return {root: null, gamma: null};
  const {value} = find.writers.get(op.inputs[at]!) as OpOf<'constant'>;
  return {root: inverseRootAt(op.inputs[1 - at]!, find), gamma: value};
}

interface Centred {
  readonly input: TensorId;
  readonly mean: TensorId;
  /** The tensor `x - m`, where there is one. */
  readonly difference: TensorId | null;
  readonly axes: readonly number[];
}

function centredAt(id: TensorId, find: Find): Centred | null {
  const op = mergeAt(id, 'subtract', find);
  const centred = op === null ? null : meanOf(op.inputs[1]!, find);
  return centred?.input === op?.inputs[0] && centred !== null ? {...centred, difference: id} : null;
}

function meanOf(id: TensorId, {writers, graph}: Find): Centred | null {
  const op = writers.get(id);
  if (op?.type !== 'reduce' || op.kind !== 'mean' || !op.keepDims) return null;
  const rank = graph.tensors[op.inputs[0]!]!.shape.length;
  const last = op.axes.every((axis, i) => axis === rank - op.axes.length + i);
  return last ? {input: op.inputs[0]!, mean: id, difference: null, axes: op.axes} : null;
}

/** Whether `id` is the variance, plus a small number, that goes with `centred`. */
function varianceOf(id: TensorId, centred: Centred, find: Find): Found | null {
  const {writers} = find;
  const shifted = writers.get(id);
  if (shifted?.type !== 'affine' || shifted.activation.type !== 'linear') return null;
  const [epsilon] = shifted.shift.data as unknown as [number];
  if (!shifted.scale.data.every(x => x === 1) || !shifted.shift.data.every(x => x === epsilon) || !(epsilon >= 0))
    return null;
  const mean = meanOf(shifted.inputs[0]!, find);
  if (mean === null || mean.axes.length !== centred.axes.length || !isSquare(mean.input, centred, find)) return null;
  return {input: centred.input, dimensions: centred.axes.length, epsilon, gamma: null, beta: null};
}

/** `(x - m)^2`, in any of its spellings. */
function isSquare(id: TensorId, {input, mean, difference, axes}: Centred, find: Find): boolean {
  const op = find.writers.get(id);
  const isDifference = (tensor: TensorId): boolean => {
    if (tensor === difference) return true;
    const other = centredAt(tensor, find);
    return other !== null && other.input === input && equalShapes(other.axes, axes);
  };
  if (op?.type === 'activation') return op.activation.type === 'square' && isDifference(op.inputs[0]!);
  if (op?.type !== 'merge' || op.inputs.length !== 2 || op.activation.type !== 'linear') return false;
  if (op.kind === 'squared-difference') return op.inputs.includes(input) && op.inputs.includes(mean);
  return op.kind === 'multiply' && op.inputs[0] === op.inputs[1] && isDifference(op.inputs[0]!);
}

/** The input of `1 / sqrt(x)`, in either spelling. */
function inverseRootAt(id: TensorId, find: Find): TensorId | null {
  const plain = functionAt(id, 'rsqrt', find);
  if (plain !== null) return plain;
  const inverted = functionAt(id, 'reciprocal', find);
  return inverted === null ? null : functionAt(inverted, 'sqrt', find);
}

function functionAt(id: TensorId, type: 'reciprocal' | 'rsqrt' | 'sqrt', {writers}: Find): TensorId | null {
  const op = writers.get(id);
  return op?.type === 'activation' && op.activation.type === type ? op.inputs[0]! : null;
}

function mergeAt(id: TensorId, kind: OpOf<'merge'>['kind'], {writers}: Find): OpOf<'merge'> | null {
  const op = writers.get(id);
  const found = op?.type === 'merge' && op.kind === kind && op.inputs.length === 2 && op.activation.type === 'linear';
  return found ? op : null;
}

function other(op: OpOf<'merge'>, id: TensorId): TensorId {
  return op.inputs[0] === id ? op.inputs[1]! : op.inputs[0]!;
}

function normalised(op: OpOf<'merge'>, found: Found, graph: Graph): LayerNormOp | OpOf<'merge'> {
  const {input, dimensions, epsilon} = found;
  const {shape} = graph.tensors[input]!;
  const normalisedShape = shape.slice(shape.length - dimensions);
  const size = sizeOf(normalisedShape);
  const filled = (weight: Weight | null, fallback: number): Weight | null => {
    const data = weight?.data ?? new Float32Array([fallback]);
    if (data.length !== 1 && data.length !== size) return null;
    const numbers = data.length === size ? data : new Float32Array(size).fill(data[0]!);
    return {name: weight?.name ?? op.layer, shape: normalisedShape, data: numbers};
  };
  const [gamma, beta] = [filled(found.gamma, 1), filled(found.beta, 0)];
  const fits = gamma !== null && beta !== null && equalShapes(shape, graph.tensors[op.outputs[0]!]!.shape);
  if (!fits || op.activation.type !== LINEAR.type) return op;
  return {type: 'layer-norm', dimensions, epsilon, gamma, beta, layer: op.layer, inputs: [input], outputs: op.outputs};
}

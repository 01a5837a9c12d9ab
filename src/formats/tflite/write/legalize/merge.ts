import {LINEAR} from '../../../../graph/ops/activation.ts';
import type {MatmulOp} from '../../../../graph/ops/matmul.ts';
import type {DotOp, MergeOp} from '../../../../graph/ops/merge.ts';
import type {Shape, TensorId} from '../../../../graph/tensor.ts';
import {mergeFuses} from '../emit/arithmetic.ts';
import {splitActivation} from './activation.ts';
import type {Rule, Speller} from './speller.ts';

/** Two inputs at a time, of one rank, the average as a sum and a factor. */
export const mergeRule: Rule<MergeOp> = (op, inputs, speller) => {
  const {kind, activation} = op;
  const {merge, shape} = speller;
  if (kind === 'average') {
    const sum = speller.emit({type: 'merge', kind: 'add', activation: LINEAR}, ...inputs);
    return [merge('multiply', sum, {number: 1 / inputs.length}, activation)];
  }
  if (inputs.length === 1) return [speller.activate(activation, inputs[0]!)];
  if (inputs.length > 2) {
    const [first, ...rest] = inputs as [TensorId, ...TensorId[]];
    return [rest.reduce((so, far, i) => merge(kind, so, far, i === rest.length - 1 ? activation : LINEAR), first)];
  }
  const rank = Math.max(...inputs.map(id => shape(id).length));
  const short = inputs.findIndex(id => !speller.isConstant(id) && shape(id).length < rank);
  if (short >= 0) {
    const wide = inputs.map((id, i) => (i === short ? widened(id, rank, speller) : id));
    return [speller.emit(op, ...wide)];
  }
  return splitActivation<MergeOp>(op, inputs, speller, mergeFuses(kind));
};

/** Ones before the dimensions of an example, so that they stand where those of the other do. */
function widened(id: TensorId, rank: number, {emit, shape, instances}: Speller): TensorId {
  const ones = Array.from({length: rank - shape(id).length}, () => 1);
  return emit({type: 'reshape', shape: [...ones, ...shape(id)], instances: instances(id)}, id);
}

/** Of one rank: runtimes would take the batch of the shorter for one of its own dimensions. */
export const matmulRule: Rule<MatmulOp> = (op, inputs, speller) => {
  const {shape, isConstant} = speller;
  const rank = Math.max(...inputs.map(id => shape(id).length));
  const isShort = (id: TensorId): boolean => !isConstant(id) && shape(id).length < rank;
  if (!inputs.some(isShort)) return null;
  return [speller.emit(op, ...inputs.map(id => (isShort(id) ? widened(id, rank, speller) : id)))];
};

/** A matrix product of both, with the axis of the sum last. */
export const dotRule: Rule<DotOp> = ({axes, normalize}, inputs, speller) => {
  const {emit, merge, shape, instances} = speller;
  const [a, b] = inputs.map((id, i) => {
    const rows = axisLast(id, axes[i]!, speller);
    const square = merge('multiply', rows, rows);
    if (!normalize) return rows;
    const length = emit({type: 'reduce', kind: 'sum', axes: [1], keepDims: true}, square);
    return merge('multiply', rows, speller.activate('rsqrt', length));
  }) as [TensorId, TensorId];
  const product = emit({type: 'matmul', transposeA: false, transposeB: true}, a, b);
  const rest = inputs.flatMap((id, i) => shape(id).filter((_, axis) => axis !== axes[i]));
  return [emit({type: 'reshape', shape: rest.length === 0 ? [1] : rest, instances: instances(product)}, product)];
};

/** A tensor as rows along one of its axes. */
function axisLast(id: TensorId, axis: number, {emit, shape, instances}: Speller): TensorId {
  const sizes: Shape = shape(id);
  const permutation = [...sizes.keys()].filter(other => other !== axis);
  const moved = emit({type: 'transpose', permutation: [...permutation, axis]}, id);
  const rows = permutation.reduce((product, other) => product * sizes[other]!, 1);
  return emit({type: 'reshape', shape: [rows, sizes[axis]!], instances: instances(id)}, moved);
}

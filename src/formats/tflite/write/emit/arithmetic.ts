import type {PreluOp, SoftmaxOp} from '../../../../graph/ops/channel.ts';
import type {MatmulOp} from '../../../../graph/ops/matmul.ts';
import type {MergeOp} from '../../../../graph/ops/merge.ts';
import type {ReduceOp} from '../../../../graph/ops/reduce.ts';
import type {OperatorName} from '../../schema-operators.ts';
import type {Emit} from '../draft.ts';
import {fusedActivation} from './activation.ts';

/** Operators on two tensors, and whether they apply an activation. */
const MERGES: Readonly<Record<Exclude<MergeOp['kind'], 'average'>, readonly [OperatorName, fuses: boolean]>> = {
  add: ['ADD', true],
  divide: ['DIV', true],
  maximum: ['MAXIMUM', false],
  minimum: ['MINIMUM', false],
  multiply: ['MUL', true],
  power: ['POW', false],
  'squared-difference': ['SQUARED_DIFFERENCE', false],
  subtract: ['SUB', true],
};

/** Whether the operator of a kind applies activations. */
export function mergeFuses(kind: MergeOp['kind']): boolean {
  return kind !== 'average' && MERGES[kind][1];
}

/** Of the legal graph: two inputs, at least one of them computed, of the same rank or a constant of a lower one. */
export const emitMerge: Emit<MergeOp> = ({kind, activation, inputs, outputs}, draft) => {
  const [name, fuses] = MERGES[kind as keyof typeof MERGES];
  const operands = inputs.map(id => draft.operand(id));
  const options = fuses ? {activation: fusedActivation(activation)!} : {};
  return draft.add(name, operands, draft.shapeOf(outputs[0]!), options);
};

const REDUCTIONS: Readonly<Record<ReduceOp['kind'], OperatorName>> = {
  max: 'REDUCE_MAX',
  mean: 'MEAN',
  min: 'REDUCE_MIN',
  product: 'REDUCE_PROD',
  sum: 'SUM',
};

export const emitReduce: Emit<ReduceOp> = ({kind, axes, keepDims, inputs, outputs}, draft) =>
  draft.add(
    REDUCTIONS[kind],
    [draft.read(inputs[0]!), draft.integers(axes.map(axis => axis + 1))],
    draft.shapeOf(outputs[0]!),
    {keepDims},
  );

export const emitMatmul: Emit<MatmulOp> = ({transposeA, transposeB, inputs, outputs}, draft) =>
  draft.add(
    'BATCH_MATMUL',
    inputs.map(id => draft.operand(id)),
    draft.shapeOf(outputs[0]!),
    {transposeA, transposeB, asymmetricInputs: false},
  );

/** `beta` is written: where it is absent, it is 0. */
export const emitSoftmax: Emit<SoftmaxOp> = ({log, inputs, outputs}, draft) =>
  draft.add(
    log ? 'LOG_SOFTMAX' : 'SOFTMAX',
    [draft.read(inputs[0]!)],
    draft.shapeOf(outputs[0]!),
    log ? {} : {beta: 1},
  );

export const emitPrelu: Emit<PreluOp> = ({alpha, inputs, outputs}, draft) =>
  draft.add(
    'PRELU',
    [draft.read(inputs[0]!), draft.floats(alpha.name, alpha.data, alpha.shape)],
    draft.shapeOf(outputs[0]!),
  );

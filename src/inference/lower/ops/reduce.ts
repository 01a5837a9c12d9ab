import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {poolsImage} from '../../../graph/ops/reduce.ts';
import type {Lower} from '../lowering.ts';
import {unsupportedOp} from '../unsupported.ts';
import {lowerGlobalPool} from './pooling.ts';

/** Reduction over any axes. */
export const lowerReduce: Lower<ReduceOp> = (op, lowering) => {
  const {shape} = lowering.tensor(op.inputs[0]!);
  if (op.keepDims || !poolsImage(op, shape) || (op.kind !== 'max' && op.kind !== 'mean')) throw unsupportedOp(op);
  lowerGlobalPool(op, lowering);
};

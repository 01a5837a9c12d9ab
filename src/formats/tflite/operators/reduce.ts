import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {reduced, softmaxed} from '../../fold/compute.ts';
import {clipped, mapped, merged} from '../../fold/elementwise.ts';
import {constantOf} from '../../fold/value.ts';
import {fused} from './activation.ts';
import {flagOption, inputOf, integersInput, numberOption, type OperatorImporter} from './operator.ts';

/** One number of all along some axes. */
export const reduce =
  (kind: ReduceOp['kind']): OperatorImporter =>
  call => [reduced(call.at, kind, inputOf(call, 0), integersInput(call, 1), flagOption(call, 'keepDims'))];

/** Over the last dimension, of the input times `beta`. */
export const softmax: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const beta = numberOption(call, 'beta');
  const factor = constantOf(`${call.at.name}/beta`, [], [beta]);
  return [softmaxed(call.at, beta === 1 ? value : merged(call.at, 'multiply', value, factor), -1, false)];
};

export const logSoftmax: OperatorImporter = call => [softmaxed(call.at, inputOf(call, 0), -1, true)];

/** Divided by the root of the sum of squares along the last dimension, or by 1e-6 if that is more. */
export const l2Normalization: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const sum = reduced(call.at, 'sum', mapped(call.at, 'square', value), [-1], true);
  const length = clipped(call.at, mapped(call.at, 'sqrt', sum), 1e-6, Number.POSITIVE_INFINITY);
  return [fused(call, merged(call.at, 'divide', value, length))];
};

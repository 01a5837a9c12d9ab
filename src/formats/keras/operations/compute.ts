import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {multiplied, reduced, softmaxed} from '../../fold/compute.ts';
import {unsupported} from '../config.ts';
import {innerAxisOf} from './arrange.ts';
import type {Operation} from './operation.ts';

const reduction =
  (kind: ReduceOp['kind']): Operation =>
  call => {
    const value = call.value(0, 'x', 'inputTensor');
    const axes = call.whole(1, 'axis');
    if (axes === undefined) throw unsupported(call.layer, 'reduces over the batch too, which inference cannot.');
    const inner = axes.map(axis => innerAxisOf(call, axis, value.shape.length));
    return reduced(call.at, kind, value, inner, call.flag(2, 'keepdims', 'keepDims'));
  };

const softmax =
  (log: boolean): Operation =>
  call => {
    const value = call.value(0, 'x', 'logits');
    const [axis = -1] = call.whole(1, 'axis') ?? [];
    return softmaxed(call.at, value, innerAxisOf(call, axis, value.shape.length), log);
  };

const matmul: Operation = call => {
  const [a, b] = [call.value(0, 'x1', 'a'), call.value(1, 'x2', 'b')];
  const batched =
    b.kind === 'constant'
      ? b.shape.length === 2
      : a.kind === 'tensor' && b.shape.length === a.shape.length && a.shape.length > 2;
  if (!batched)
    throw unsupported(call.layer, `multiplies [${a.shape}] by [${b.shape}], which would mix the examples of a batch.`);
  return multiplied(call.at, a, b, call.flag(2, 'transposeA'), call.flag(3, 'transposeB'));
};

/** Operations on several numbers, by what Keras 2 and 3 call them; see `operationWord`. */
export const COMPUTE_OPERATIONS: Readonly<Record<string, Operation>> = {
  amax: reduction('max'),
  amin: reduction('min'),
  logsoftmax: softmax(true),
  matmul,
  max: reduction('max'),
  mean: reduction('mean'),
  min: reduction('min'),
  prod: reduction('product'),
  reducemax: reduction('max'),
  reducemean: reduction('mean'),
  reducemin: reduction('min'),
  reduceprod: reduction('product'),
  reducesum: reduction('sum'),
  softmax: softmax(false),
  sum: reduction('sum'),
};

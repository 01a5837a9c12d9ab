import {TfmotError} from '../../../errors.ts';
import type {EmbeddingOp} from '../../../graph/ops/recurrent.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {at, instanceOf} from '../../program/instruction.ts';
import {flat} from '../../value.ts';
import type {Lower} from '../lowering.ts';

/** Floats are exact up to here. */
const EXACT_INDICES = 2 ** 24;

/** Rows of a table by index; indices beyond the table take its first or last row (inputs are checked at the door). */
export const lowerEmbedding: Lower<EmbeddingOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'flat');
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const table = lowering.constant(op.table.data);
  const [entries, size] = op.table.shape as [number, number];
  const whole = lowering.tensor(op.inputs[0]!).dtype === 'int32';
  if (!whole && entries > EXACT_INDICES)
    throw new TfmotError(
      'unsupported-model',
      `Layer '${op.layer}' has a table of ${entries} rows. Its indices must be an input that nothing else reads: floats count up to ${EXACT_INDICES} alone.`,
    );
  const count = sizeOf(x.shape);
  lowering.each(instances, i => {
    const [from, to] = [instanceOf(x, i), instanceOf(y, i)];
    lowering.call('gather', from, to, count, at(table), entries, size, whole ? 1 : 0);
  });
};

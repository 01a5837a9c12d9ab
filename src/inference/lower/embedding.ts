import {TfmotError} from '../../errors.ts';
import type {EmbeddingOp} from '../../graph/ops/recurrent.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {flat} from '../value.ts';
import type {Lower} from './lowering.ts';

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
  lowering.run('gather', ({floats, ints}, examples) => {
    const indices = whole ? ints : floats;
    for (let i = 0; i < examples * instances; i++) {
      const from = (x.region.offset + i * x.instance) / 4;
      const to = (y.region.offset + i * y.instance) / 4;
      for (let k = 0; k < count; k++) {
        const index = Math.min(entries - 1, Math.max(0, Math.trunc(indices[from + k]!) || 0));
        const row = table.offset / 4 + index * size;
        floats.copyWithin(to + k * size, row, row + size);
      }
    }
  });
};

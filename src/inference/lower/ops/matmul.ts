import type {MatmulOp} from '../../../graph/ops/matmul.ts';
import type {Linear} from '../../program/instruction.ts';
import {along, instanceOf} from '../../program/instruction.ts';
import type {Value} from '../../value.ts';
import {flat} from '../../value.ts';
import type {Lower} from '../lowering.ts';

/** Matrices side by side along one dimension: how many, and bytes from one to the next. */
interface Side {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

/** Fewer rows than the kernel takes at a time. */
const FEW_ROWS = 4;

/** Products of matrices, which the kernel reads however they lie. */
export const lowerMatmul: Lower<MatmulOp> = (op, lowering) => {
  const [a, b] = op.inputs.map(id => lowering.read(id, 'any')) as [Value, Value];
  const {shape, instances} = lowering.tensor(op.outputs[0]!);
  const y = lowering.write(op.outputs[0]!, flat(shape, lowering.instancesOf(op.outputs[0]!)));
  const [aRow, aColumn] = stepsOf(a, op.transposeA);
  const [bRow, bColumn] = stepsOf(b, op.transposeB);
  const [yRow, yColumn] = stepsOf(y, false);
  const inputs = a.shape.at(op.transposeA ? -2 : -1)!;
  const columns = shape.at(-1)!;
  let rows = shape.at(-2)!;
  const sides = shape.slice(0, -2).map((size, i): Side => {
    const from = (value: Value): number => sideOf(value, i - shape.length + value.shape.length);
    return {size, a: from(a), b: from(b), y: y.strides[i]!};
  });
  // Matrices times the same one, each behind the other, are one high matrix.
  for (
    let last = sides.at(-1);
    last?.b === 0 && last.a === aRow * rows && last.y === yRow * rows;
    last = sides.at(-1)
  ) {
    rows *= last.size;
    sides.pop();
  }
  // Columns of the second that lie in rows are better read as rows than packed for very few of the first.
  const exchanged = rows < FEW_ROWS && columns >= FEW_ROWS && bColumn !== 4;
  const walk = ([first, ...rest]: readonly Side[], p: Linear, q: Linear, r: Linear): void => {
    if (first !== undefined)
      lowering.loop(first.size, turn => {
        walk(rest, along(p, turn, first.a), along(q, turn, first.b), along(r, turn, first.y));
      });
    else if (exchanged)
      lowering.call('matmul4x8', q, p, r, columns, rows, inputs, bColumn, bRow, aColumn, aRow, yColumn, yRow);
    else lowering.call('matmul4x8', p, q, r, rows, columns, inputs, aRow, aColumn, bRow, bColumn, yRow, yColumn);
  };
  lowering.each(instances, i => walk(sides, instanceOf(a, i), instanceOf(b, i), instanceOf(y, i)));
};

/** Bytes from row to row and from column to column. */
function stepsOf({strides}: Value, transposed: boolean): readonly [row: number, column: number] {
  const [row, column] = strides.slice(-2) as [number, number];
  return transposed ? [column, row] : [row, column];
}

/** Bytes from matrix to matrix; 0 where there is one for all. */
function sideOf({shape, strides}: Value, axis: number): number {
  return axis < 0 || shape[axis] === 1 ? 0 : strides[axis]!;
}

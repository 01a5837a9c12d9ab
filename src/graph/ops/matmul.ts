import {broadcastShapes} from './merge.ts';
import type {OpBase, ShapeRule} from './op.ts';

/**
 * Matrix product of two tensors over their last two dimensions, `[..., m, k]` and `[..., k, n]` to `[..., m, n]`;
 * dimensions before them are matrices side by side, and stretched where one has a size of 1.
 */
export interface MatmulOp extends OpBase {
  readonly type: 'matmul';
  /** The first input is `[..., k, m]`. */
  readonly transposeA: boolean;
  /** The second input is `[..., n, k]`. */
  readonly transposeB: boolean;
}

export const matmulRule: ShapeRule<MatmulOp> = ({transposeA, transposeB}, [a, b]) => {
  if (a!.length < 2 || b!.length < 2) throw new Error('a matrix product needs two dimensions or more on both sides');
  const [m, k] = transposeA ? [a!.at(-1)!, a!.at(-2)!] : [a!.at(-2)!, a!.at(-1)!];
  const [l, n] = transposeB ? [b!.at(-1)!, b!.at(-2)!] : [b!.at(-2)!, b!.at(-1)!];
  if (k !== l) throw new Error(`matrices of ${k} columns and of ${l} rows cannot be multiplied`);
  return [[...broadcastShapes(a!.slice(0, -2), b!.slice(0, -2)), m, n]];
};

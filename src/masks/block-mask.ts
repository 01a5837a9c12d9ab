import {elementMask} from './element-mask.ts';
import type {BlockPattern} from './pattern.ts';
import type {WeightMask} from './weight-mask.ts';

/**
 * Ranks rectangles of weights by the pooled magnitude of their scores and keeps the largest, all matrices of a stack
 * together. Windows start at 0; those at the far edges are cut off there, and AVG divides by the cells they really
 * have.
 *
 * @param shape Of rank 2 or more; the last two dimensions are the matrix.
 * @returns `threshold` is the smallest pooled magnitude that was kept, `kept` counts weights, not blocks.
 */
export function blockMask(
  scores: Float32Array,
  shape: readonly number[],
  pattern: BlockPattern,
  sparsity: number,
): WeightMask {
  const blocks = pool(scores, shape, pattern);
  const {mask: blockKept, threshold, finite} = elementMask(blocks.pooled, sparsity);
  const mask = new Float32Array(scores.length);
  let kept = 0;
  for (let row = 0, start = 0; start < scores.length; row++, start += blocks.columns) {
    const end = start + blocks.columns;
    for (let block = blocks.rowOf(row), from = start; from < end; block++, from += blocks.width) {
      if (blockKept[block] === 0) continue;
      const to = Math.min(from + blocks.width, end);
      for (let i = from; i < to; i++) mask[i] = 1;
      kept += to - from;
    }
  }
  return {mask, threshold, kept, finite};
}

/** Pooled magnitudes of every block, and where the blocks of a row of the stacked matrices begin among them. */
function pool(scores: Float32Array, shape: readonly number[], {size, pooling}: BlockPattern) {
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1) ?? 1;
  const height = Math.min(size[0], rows);
  const width = Math.min(size[1], columns);
  const blockColumns = Math.ceil(columns / width);
  const blockRows = Math.ceil(rows / height);
  const stack = rows * columns === 0 ? 0 : scores.length / (rows * columns);
  const rowOf = (row: number): number =>
    (Math.floor(row / rows) * blockRows + Math.floor((row % rows) / height)) * blockColumns;

  const totals = new Float64Array(stack * blockRows * blockColumns);
  for (let row = 0, start = 0; start < scores.length; row++, start += columns) {
    const end = start + columns;
    for (let block = rowOf(row), from = start; from < end; block++, from += width) {
      const to = Math.min(from + width, end);
      let total = totals[block]!;
      for (let i = from; i < to; i++) {
        const magnitude = Math.abs(scores[i]!);
        total = pooling === 'AVG' ? total + magnitude : Math.max(total, magnitude);
      }
      totals[block] = total;
    }
  }
  const pooled = new Float32Array(totals.length);
  for (let block = 0; block < totals.length; block++) {
    const row = Math.floor(block / blockColumns) % blockRows;
    const column = block % blockColumns;
    const cells = Math.min(height, rows - row * height) * Math.min(width, columns - column * width);
    pooled[block] = pooling === 'AVG' ? totals[block]! / cells : totals[block]!;
  }
  return {pooled, columns, width, rowOf};
}

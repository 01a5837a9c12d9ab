import Table from 'cli-table3';
import type {sparsity} from 'tfjs-model-optimization';
import type {Score} from './evaluate.ts';

/** The comparison of the two models, then the sparsity of each pruned kernel, in tables of at most `columns`. */
export function resultTables(
  dense: Score,
  pruned: Score,
  kernels: readonly sparsity.WeightSummary[],
  columns: number,
): string {
  const models = Object.entries({dense, pruned}).map(([name, score]) => [
    name,
    percent(score.accuracy),
    grouped(score.nonZeros),
    grouped(score.bytes),
    grouped(score.gzipBytes),
  ]);
  const layers = kernels.map(({layer, weight, shape, size, nonZeros}) => [
    `${layer}/${weight}`,
    shape.join('x'),
    grouped(size),
    grouped(nonZeros),
    percent(1 - nonZeros / size),
  ]);
  return [
    table(['model', 'accuracy', 'non-zeros', 'bytes raw', 'bytes gzip -9'], models, columns),
    table(['pruned kernel', 'shape', 'weights', 'non-zeros', 'sparsity'], layers, columns),
  ].join('');
}

/** A table whose first column, the only one that may be long, is shortened in the middle until all of it fits. */
function table(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)));
  // Each cell has a space on either side and a line on its right; one more line is on the left.
  const width = widths.reduce((sum, one) => sum + one + 3, 1);
  const first = Math.max(8, widths[0]! - Math.max(0, width - columns));
  const shown = new Table({
    style: {head: [], border: []},
    head: [shortened(head[0]!, first), ...head.slice(1)],
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
  });
  for (const [name, ...cells] of rows) shown.push([shortened(name!, first), ...cells]);
  return `${shown.toString()}\n`;
}

function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - end)}…${text.slice(text.length - end)}`;
}

/** A share as a percentage with two decimals. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** 1234567 as 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

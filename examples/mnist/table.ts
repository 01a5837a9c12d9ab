import Table from 'cli-table3';
import type {Score} from './evaluate.ts';

/** What one kernel ended up as. */
export interface KernelRow {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly weights: number;
  readonly nonZeros: number;
}

const PLAIN = {style: {head: [], border: []}};

/** The comparison of the two models, then the sparsity of each pruned kernel. */
export function resultTable(dense: Score, pruned: Score, kernels: readonly KernelRow[]): string {
  const models = new Table({
    ...PLAIN,
    head: ['model', 'accuracy', 'non-zeros', 'bytes raw', 'bytes gzip -9'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  for (const [name, score] of Object.entries({dense, pruned})) {
    models.push([
      name,
      `${(100 * score.accuracy).toFixed(2)} %`,
      grouped(score.nonZeros),
      grouped(score.bytes),
      grouped(score.gzipBytes),
    ]);
  }
  const layers = new Table({
    ...PLAIN,
    head: ['pruned kernel', 'shape', 'weights', 'non-zeros', 'sparsity'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  for (const {layer, shape, weights, nonZeros} of kernels) {
    const sparsity = `${(100 * (1 - nonZeros / weights)).toFixed(2)} %`;
    layers.push([layer, shape.join(' x '), grouped(weights), grouped(nonZeros), sparsity]);
  }
  return `${models.toString()}\n${layers.toString()}\n`;
}

/** 1234567 as 1,234,567. */
const grouped = (value: number): string => value.toLocaleString('en-US');

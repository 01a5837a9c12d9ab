import Table from 'cli-table3';
import type {sparsity} from 'tfjs-model-optimization';
import type {Score} from './evaluate.ts';

const PLAIN = {style: {head: [], border: []}};

/** The comparison of the two models, then the sparsity of each pruned kernel. */
export function resultTable(dense: Score, pruned: Score, kernels: readonly sparsity.WeightSummary[]): string {
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
  for (const {layer, weight, shape, size, nonZeros} of kernels) {
    const share = `${(100 * (1 - nonZeros / size)).toFixed(2)} %`;
    layers.push([`${layer}/${weight}`, shape.join(' x '), grouped(size), grouped(nonZeros), share]);
  }
  return `${models.toString()}\n${layers.toString()}\n`;
}

/** 1234567 as 1,234,567. */
const grouped = (value: number): string => value.toLocaleString('en-US');

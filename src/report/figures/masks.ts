import type {Thumbnail} from '../facts.ts';
import {gallery} from '../pen.ts';
import {grouped, percent, sparsity} from '../render/numbers.ts';
import {runsOf} from '../thumbnail.ts';
import {largest, prunedWeights} from './chosen-weights.ts';
import type {Figure} from './figure.ts';

/** Most weights that are drawn; a report says when there are more. */
const MOST = 24;

/** Which weights of every pruned tensor are left: blocks and patterns show as they are. */
export const masks: Figure = {
  name: 'masks',
  title: 'What is left of each weight',
  draw: ({weights}) => {
    const pruned = prunedWeights(weights);
    if (pruned.length === 0) return null;
    const shown = largest(pruned, MOST);
    const items = shown.map(weight => ({
      markup: maskSvg(weight.mask!),
      label: `${weight.name}: ${percent(sparsity(weight))} zeros`,
    }));
    const windowed = shown.some(({mask}) => mask!.rows < mask!.of[0] || mask!.columns < mask!.of[1]);
    return {
      markup: gallery(items),
      caption: [
        'Inputs run down, outputs across; a dark cell is a weight that is not zero.',
        windowed ? 'Of large weights the first 64 rows and columns are shown.' : '',
        pruned.length > MOST ? `The ${MOST} largest of ${pruned.length} pruned weights are shown.` : '',
      ]
        .filter(sentence => sentence !== '')
        .join(' '),
      alt: shown
        .map(({name, mask}) => `${name}, ${grouped(mask!.of[0])} by ${grouped(mask!.of[1])}`)
        .join('; ')
        .concat('.'),
    };
  },
};

/** A mask as one path, a rectangle for each run of weights. */
export function maskSvg(mask: Thumbnail): string {
  const {rows, columns} = mask;
  const path = runsOf(mask)
    .flatMap((runs, row) => runs.map(([start, length]) => `M${start} ${row}h${length}v1h-${length}z`))
    .join('');
  return (
    `<svg class="mask" viewBox="0 0 ${columns} ${rows}" shape-rendering="crispEdges" role="presentation">` +
    `<rect width="${columns}" height="${rows}"/><path d="${path}"/></svg>`
  );
}

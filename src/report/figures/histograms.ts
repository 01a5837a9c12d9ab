import type {Histogram} from '../facts.ts';
import {gallery} from '../pen.ts';
import {largest} from './chosen-weights.ts';
import type {Figure} from './figure.ts';

const MOST = 12;

/** How the values of the largest weights are spread; pruning leaves a gap around zero. */
export const histograms: Figure = {
  name: 'histograms',
  title: 'Values that are left',
  draw: ({weights}, {plot, draw}) => {
    const drawable = weights.filter(({kept, histogram}) => kept === undefined && histogram !== undefined);
    if (drawable.length === 0) return null;
    const shown = largest(drawable, MOST);
    const picture = (histogram: Histogram): string =>
      draw({
        width: 210,
        height: 110,
        marginLeft: 4,
        marginRight: 4,
        marginBottom: 24,
        y: {axis: null},
        x: {label: null, ticks: 3},
        marks: [
          plot.rectY(binsOf(histogram), {x1: 'from', x2: 'to', y: 'count', fill: 'var(--accent)', inset: 0}),
          plot.ruleY([0]),
        ],
      });
    return {
      markup: gallery(shown.map(({name, histogram}) => ({markup: picture(histogram!), label: name}))),
      caption:
        'Counts of the values that are not zero.' +
        (drawable.length > MOST ? ` The ${MOST} largest of ${drawable.length} weights are shown.` : ''),
      alt: shown
        .map(({name, histogram: h}) => `${name} from ${h!.min.toPrecision(3)} to ${h!.max.toPrecision(3)}`)
        .join(', '),
    };
  },
};

function binsOf({min, max, counts}: Histogram): {from: number; to: number; count: number}[] {
  const width = counts.length === 1 ? Math.max(Math.abs(min), 1e-6) / 10 : (max - min) / counts.length;
  return counts.map((count, i) => ({from: min + i * width, to: min + (i + 1) * width, count}));
}

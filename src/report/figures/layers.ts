import {percent, sparsity} from '../render/numbers.ts';
import {largest} from './chosen-weights.ts';
import type {Figure} from './figure.ts';

/** Most bars: a figure of hundreds cannot be read. */
const MOST = 40;

/** How sparse each weight is that pruning may touch. */
export const layers: Figure = {
  name: 'layers',
  title: 'Sparsity by weight',
  draw: ({weights}, {plot, draw}) => {
    const prunable = weights.filter(({kept}) => kept === undefined);
    if (!prunable.some(({elements, nonZeros}) => nonZeros < elements)) return null;
    const bars = largest(prunable, MOST).map(weight => ({
      name: weight.name,
      share: sparsity(weight),
      text: percent(sparsity(weight)),
    }));
    return {
      markup: draw({
        height: 40 + 22 * bars.length,
        marginLeft: 220,
        marginRight: 60,
        x: {domain: [0, 1], label: 'zeros', percent: false, tickFormat: '.0%', grid: true},
        y: {label: null, domain: bars.map(({name}) => name), tickFormat: short},
        marks: [
          plot.barX(bars, {y: 'name', x: 'share', fill: 'var(--accent)'}),
          plot.text(bars, {y: 'name', x: 'share', text: 'text', textAnchor: 'start', dx: 6}),
          plot.ruleX([0]),
        ],
      }),
      caption:
        prunable.length > MOST
          ? `The ${MOST} largest of ${prunable.length} weights that pruning may touch.`
          : 'Every weight that pruning may touch.',
      alt: bars.map(({name, text}) => `${name} ${text}`).join(', '),
    };
  },
};

/** The end of a long name says more than its beginning. */
function short(name: string): string {
  return name.length > 32 ? `…${name.slice(-31)}` : name;
}

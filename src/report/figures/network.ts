import type {WeightFacts} from '../facts.ts';
import {WIDTH} from '../pen.ts';
import {escapeMarkup} from '../render/escape.ts';
import {runsOf} from '../thumbnail.ts';
import {largest, prunedWeights} from './chosen-weights.ts';
import type {Figure} from './figure.ts';

/** Columns of connections, and nodes on either side of them. */
const MOST_WEIGHTS = 5;
const MOST_NODES = 12;
const HEIGHT = 260;
const MARGIN = 24;

/** The network as nodes and connections, a few of each weight: faint where a weight is zero. */
export const network: Figure = {
  name: 'network',
  title: 'The network',
  draw: ({weights}) => {
    const drawable = prunedWeights(weights);
    if (drawable.length === 0) return null;
    const columns = largest(drawable, MOST_WEIGHTS);
    const step = (WIDTH - 2 * MARGIN) / columns.length;
    const parts = columns.map((weight, i) => connections(weight, MARGIN + i * step, MARGIN + (i + 1) * step));
    const labels = columns.map(({layer, name}, i) => {
      const text = layer ?? name;
      return label(MARGIN + (i + 0.5) * step, text.length > 18 ? `…${text.slice(-17)}` : text);
    });
    return {
      markup:
        `<svg class="network" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="presentation">` +
        `<path class="gone" d="${parts.map(({gone}) => gone).join('')}"/>` +
        `<path class="left" d="${parts.map(({left}) => left).join('')}"/>` +
        `${parts.map(({nodes}) => nodes).join('')}${labels.join('')}</svg>`,
      caption: `Up to ${MOST_NODES} inputs and outputs of ${columns.length === drawable.length ? 'each pruned weight' : `the ${MOST_WEIGHTS} largest pruned weights`}; faint connections are zero.`,
      alt: columns.map(({name}) => name).join(', '),
    };
  },
};

function connections({mask}: WeightFacts, x: number, to: number): {left: string; gone: string; nodes: string} {
  const {rows, columns} = mask!;
  const [ins, outs] = [Math.min(rows, MOST_NODES), Math.min(columns, MOST_NODES)];
  const runs = runsOf(mask!);
  let [left, gone] = ['', ''];
  for (let i = 0; i < ins; i++) {
    for (let o = 0; o < outs; o++) {
      const line = `M${round(x + 6)} ${round(heightOf(i, ins))}L${round(to - 6)} ${round(heightOf(o, outs))}`;
      if (runs[i]!.some(([start, length]) => o >= start && o < start + length)) left += line;
      else gone += line;
    }
  }
  const dots = (at: number, count: number): string =>
    Array.from({length: count}, (_, i) => `<circle cx="${round(at)}" cy="${round(heightOf(i, count))}" r="3"/>`).join(
      '',
    );
  return {left, gone, nodes: dots(x + 6, ins) + dots(to - 6, outs)};
}

function heightOf(index: number, count: number): number {
  return 14 + ((HEIGHT - 50) * (index + 0.5)) / count;
}

function label(x: number, text: string): string {
  return `<text x="${round(x)}" y="${HEIGHT - 8}" text-anchor="middle">${escapeMarkup(text)}</text>`;
}

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

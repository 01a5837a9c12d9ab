import {bytes} from '../render/numbers.ts';
import type {Figure} from './figure.ts';

/** How many bytes each form of the model takes. */
export const sizes: Figure = {
  name: 'sizes',
  title: 'Size',
  draw: ({sizes: forms}, {plot, draw}) => {
    if (forms.length < 2) return null;
    const bars = forms.map(({form, bytes: count, estimated}) => ({
      form,
      count,
      text: `${estimated === true ? '≈ ' : ''}${bytes(count)}`,
    }));
    return {
      markup: draw({
        height: 40 + 26 * bars.length,
        marginLeft: 160,
        marginRight: 80,
        x: {label: 'bytes', tickFormat: 's', grid: true},
        y: {label: null, domain: bars.map(({form}) => form)},
        marks: [
          plot.barX(bars, {y: 'form', x: 'count', fill: 'var(--accent)'}),
          plot.text(bars, {y: 'form', x: 'count', text: 'text', textAnchor: 'start', dx: 6}),
          plot.ruleX([0]),
        ],
      }),
      caption: forms.some(({estimated}) => estimated)
        ? 'Bytes of each form; ≈ marks what is estimated from samples of the weights.'
        : 'Bytes of each form.',
      alt: bars.map(({form, text}) => `${form} ${text}`).join(', '),
    };
  },
};

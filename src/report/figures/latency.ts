import {grouped} from '../render/numbers.ts';
import type {Figure} from './figure.ts';

/** The time of one example in the engine: as the model is, and as if none of its weights were zero. */
export const latency: Figure = {
  name: 'latency',
  title: 'Time in the engine',
  draw: ({latency: facts}, {plot, draw}) => {
    if (facts === undefined) return null;
    const {sparseMs, denseMs, rounds, multiplyAdds, skippedMultiplyAdds} = facts;
    const bars = [
      {name: 'as it is', ms: sparseMs},
      {name: 'zeros filled', ms: denseMs},
    ];
    const text = (ms: number): string => `${ms.toPrecision(3)} ms`;
    const total = multiplyAdds + skippedMultiplyAdds;
    return {
      markup: draw({
        height: 100,
        marginLeft: 160,
        marginRight: 80,
        x: {label: 'ms', grid: true},
        y: {label: null, domain: bars.map(({name}) => name)},
        marks: [
          plot.barX(bars, {y: 'name', x: 'ms', fill: 'var(--accent)'}),
          plot.text(bars, {y: 'name', x: 'ms', text: ({ms}: {ms: number}) => text(ms), textAnchor: 'start', dx: 6}),
          plot.ruleX([0]),
        ],
      }),
      caption: `One example, medians of ${rounds} rounds in turns on this machine. Of ${grouped(total)} multiply-adds ${grouped(skippedMultiplyAdds)} are left out, because their weight is zero.`,
      alt: bars.map(({name, ms}) => `${name} ${text(ms)}`).join(', '),
    };
  },
};

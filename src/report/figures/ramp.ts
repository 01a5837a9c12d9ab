import {percent} from '../render/numbers.ts';
import type {Figure} from './figure.ts';

/** How sparsity grew while the model trained, as planned and as it came. */
export const ramp: Figure = {
  name: 'ramp',
  title: 'Sparsity while it trained',
  draw: ({run}, {plot, draw}) => {
    if (run === undefined || run.updates.length < 2) return null;
    const mean = run.updates.map(({step, sparsity}) => {
      const shares = Object.values(sparsity);
      return {step, share: shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)};
    });
    const planned = run.updates.flatMap(({step, planned: share}) => (share === undefined ? [] : [{step, share}]));
    return {
      markup: draw({
        height: 240,
        x: {label: 'step'},
        y: {domain: [0, 1], label: 'zeros', tickFormat: '.0%', grid: true},
        marks: [
          plot.lineY(planned, {x: 'step', y: 'share', stroke: 'currentColor', strokeDasharray: '4 3', opacity: 0.6}),
          plot.lineY(mean, {x: 'step', y: 'share', stroke: 'var(--accent)', strokeWidth: 2, curve: 'step-after'}),
          plot.ruleY([0]),
        ],
      }),
      caption: `The mean over the pruned weights${planned.length > 0 ? ', and dashed what the schedule asked for' : ''}.`,
      alt: `From ${percent(mean[0]!.share)} at step ${mean[0]!.step} to ${percent(mean.at(-1)!.share)} at step ${mean.at(-1)!.step}.`,
    };
  },
};

import {gallery} from '../pen.ts';
import type {Figure} from './figure.ts';

/** What `fit` logged: a curve for each number but the sparsities, which the ramp shows. */
export const training: Figure = {
  name: 'training',
  title: 'Training',
  draw: ({run}, {plot, draw}) => {
    const epochs = run?.epochs ?? [];
    const names = [...new Set(epochs.flatMap(({logs}) => Object.keys(logs)))].filter(name => !name.includes('/'));
    const curves = names
      .map(name => ({
        name,
        points: epochs.flatMap(({epoch, logs}) =>
          Number.isFinite(logs[name]) ? [{epoch: epoch + 1, value: logs[name]!}] : [],
        ),
      }))
      .filter(({points}) => points.length > 0);
    if (curves.length === 0) return null;
    const items = curves.map(({name, points}) => ({
      label: name,
      markup: draw({
        width: 320,
        height: 180,
        x: {label: 'epoch', ticks: Math.min(10, points.length), tickFormat: 'd'},
        y: {label: null, grid: true, nice: true},
        marks: [
          plot.lineY(points, {x: 'epoch', y: 'value', stroke: 'var(--accent)', strokeWidth: 2}),
          plot.dot(points, {x: 'epoch', y: 'value', fill: 'var(--accent)'}),
        ],
      }),
    }));
    return {
      markup: gallery(items),
      caption: 'As logged at the end of each epoch.',
      alt: curves.map(({name, points}) => `${name} ${points.at(-1)!.value.toPrecision(4)} at the end`).join(', '),
    };
  },
};

import type {ReportFacts, WeightFacts} from '../facts.ts';
import {bytes, grouped, percent, sparsity} from './numbers.ts';

/** A table as text: the first column is a name, those after it are numbers unless they say otherwise. */
export interface Table {
  readonly name: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The facts as tables, the same for every form of the report. */
export function tablesOf({weights, sizes, latency, run}: ReportFacts): Table[] {
  const all: Table[] = [
    {
      name: 'weights',
      title: 'Weights',
      head: ['weight', 'role', 'shape', 'stored as', 'parameters', 'zeros', 'left alone because'],
      rows: weights.map(weightRow),
    },
    {
      name: 'sizes-table',
      title: 'Bytes',
      head: ['form', 'bytes', ''],
      rows: sizes.map(({form, bytes: count, estimated}) => [
        form,
        `${estimated === true ? '≈ ' : ''}${grouped(count)}`,
        bytes(count),
      ]),
    },
    ...(latency === undefined
      ? []
      : [
          {
            name: 'latency-table',
            title: 'Time of one example in the engine',
            head: ['', 'ms'],
            rows: [
              ['as it is', latency.sparseMs.toPrecision(3)],
              ['zeros filled', latency.denseMs.toPrecision(3)],
              ['ratio', (latency.denseMs / latency.sparseMs).toPrecision(3)],
            ],
          },
        ]),
    ...(run === undefined || Object.keys(run.about).length === 0
      ? []
      : [
          {
            name: 'run',
            title: 'The run',
            head: ['', ''],
            rows: Object.entries(run.about).map(([name, value]) => [name, String(value)]),
          },
        ]),
  ];
  return all.filter(({rows}) => rows.length > 0);
}

function weightRow(weight: WeightFacts): string[] {
  const {name, role = '-', shape, dtype, elements, kept = ''} = weight;
  return [name, role, shape.join(' × '), dtype, grouped(elements), percent(sparsity(weight)), kept];
}

/** The model in a sentence. */
export function summaryOf({model, run}: ReportFacts): string {
  if (model === undefined)
    return `A run of ${grouped(run?.weights.length ?? 0)} pruned weights: ${grouped(run?.updates.length ?? 0)} mask updates, ${grouped(run?.epochs.length ?? 0)} epochs.`;
  const {format, parameters, nonZeros, bytes: count} = model;
  const share = percent(sparsity({elements: parameters, nonZeros}));
  return `${format}, ${grouped(parameters)} parameters, ${grouped(nonZeros)} of them not zero (${share} zeros), ${bytes(count)} of weights.`;
}

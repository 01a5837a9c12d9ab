import {milliseconds, textTable, times} from '../table.ts';
import {breakEven} from './break-even.ts';
import type {Comparison} from './compare.ts';
import {ratio, targetResults} from './targets.ts';

/** The runner that is this library's engine. */
export const OURS = 'tfmot';

/** One work: how many times faster than each peer, then milliseconds (median, quartiles), then the difference to TF.js. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const names = comparisons[0]!.runners.map(({name}) => name);
  const peers = names.includes(OURS) ? names.filter(name => name !== OURS) : [];
  const header = ['zeros', ...peers.map(name => `vs ${name}`), ...names.map(name => `${name} ms`), 'difference'];
  const rows = comparisons.map(comparison => [
    `${percent(comparison.zeros)} ${comparison.zeros === 0 ? '' : comparison.pattern}`,
    ...peers.map(name => times(ratio(comparison, name, OURS))),
    ...comparison.runners.map(
      ({medianMs, lowerQuartileMs, upperQuartileMs}) =>
        `${milliseconds(medianMs)} (${milliseconds(lowerQuartileMs)}-${milliseconds(upperQuartileMs)})`,
    ),
    Math.max(...comparison.runners.map(({maxDifference}) => maxDifference)).toExponential(1),
  ]);
  return textTable(header, rows);
}

/** For every work and pattern the zeros at which the engine draws level with each peer. */
export function breakEvenTable(comparisons: readonly Comparison[]): string {
  const peers = peersOf(comparisons);
  const works = [...new Set(comparisons.map(({work}) => work))];
  const patterns = [...new Set(comparisons.filter(({zeros}) => zeros > 0).map(({pattern}) => pattern))];
  const rows = works.flatMap(work =>
    patterns.map(pattern => {
      const row = comparisons
        .filter(comparison => comparison.work === work && (comparison.pattern === pattern || comparison.zeros === 0))
        .sort((a, b) => a.zeros - b.zeros);
      const level = (peer: string): string => {
        const zeros = breakEven(
          row.map(comparison => ({zeros: comparison.zeros, ratio: ratio(comparison, peer, OURS)})),
        );
        return zeros === undefined ? 'never' : percent(zeros);
      };
      return [`${work}, ${pattern}`, ...peers.map(level)];
    }),
  );
  return textTable(['work', ...peers.map(name => `vs ${name}`)], rows);
}

/** What is to be reached at 90 % zeros, and whether it was. */
export function targetTable(comparisons: readonly Comparison[]): string {
  const rows = targetResults(comparisons, OURS).map(({target, work, measured, reached}) => [
    `${work}, ${target.pattern}`,
    target.peers.join(' and '),
    times(target.ratio),
    times(measured),
    reached ? 'reached' : 'missed',
  ]);
  return textTable(['work', 'against', 'target', 'measured', ''], rows);
}

function peersOf(comparisons: readonly Comparison[]): readonly string[] {
  const names = comparisons[0]?.runners.map(({name}) => name) ?? [];
  return names.includes(OURS) ? names.filter(name => name !== OURS) : [];
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

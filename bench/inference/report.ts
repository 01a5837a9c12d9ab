import {markdownTable, milliseconds, textTable, times} from '../lib/table.ts';
import {breakEven} from './break-even.ts';
import {type Comparison, PATTERN_NAMES, type PatternName} from './compare.ts';
import {ratio, targetResults} from './targets.ts';

/** The runner that is this library's engine. */
export const OURS = 'tfmot';

/**
 * One work: how many times faster than each peer, then milliseconds (median, quartiles), then the difference to TF.js.
 */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const names = comparisons[0]!.runners.map(({name}) => name);
  const peers = peersOf(comparisons);
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
  const measured = PATTERN_NAMES.filter(name => comparisons.some(({pattern, zeros}) => pattern === name && zeros > 0));
  const rows = worksOf(comparisons).flatMap(work =>
    measured.map(pattern => [`${work}, ${pattern}`, ...peers.map(peer => level(comparisons, work, pattern, peer))]),
  );
  return textTable(['work', ...peers.map(name => `vs ${name}`)], rows);
}

/**
 * For a document: how many times faster the engine is than each peer at 90 % zeros, and where it draws level with
 * TF.js.
 */
export function summaryTable(comparisons: readonly Comparison[]): string {
  const peers = peersOf(comparisons);
  const header = [
    'work',
    ...PATTERN_NAMES.flatMap(pattern => peers.map(name => `${name}, ${pattern}`)),
    'zeros to draw level with tfjs-wasm',
  ];
  const rows = worksOf(comparisons).map(work => [
    work,
    ...PATTERN_NAMES.flatMap(pattern => {
      const found = comparisons.find(one => one.work === work && one.pattern === pattern && one.zeros === 0.9);
      return peers.map(name => (found === undefined ? '' : times(ratio(found, name, OURS))));
    }),
    level(comparisons, work, 'unstructured', 'tfjs-wasm'),
  ]);
  return markdownTable(header, rows);
}

function level(comparisons: readonly Comparison[], work: string, pattern: PatternName, peer: string): string {
  const points = comparisons
    .filter(one => one.work === work && (one.pattern === pattern || one.zeros === 0))
    .sort((a, b) => a.zeros - b.zeros)
    .map(one => ({zeros: one.zeros, ratio: ratio(one, peer, OURS)}));
  const zeros = breakEven(points);
  return zeros === undefined ? 'never' : percent(zeros);
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
  return names.includes(OURS) ? names.filter(name => !name.startsWith(OURS)) : [];
}

function worksOf(comparisons: readonly Comparison[]): readonly string[] {
  return [...new Set(comparisons.map(({work}) => work))];
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

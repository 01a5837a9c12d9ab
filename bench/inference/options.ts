import {parseArgs} from 'node:util';
import {PATTERN_NAMES, type PatternName} from './compare.ts';

export const HELP = `npm run bench:inference -- [options]
  --work TEXT     only works whose name contains it (may be given several times)
  --zeros PERCENT only this sparsity (may be given several times)
  --pattern NAME  only unstructured, or only 1x4
  --quick         0 and 90 % zeros, fewer rounds
  --relaxed       the engine on relaxed SIMD, too
  --rounds N      samples of each runner (default 21, quick 9)
  --out FILE      where the results go as JSON; by default a run of everything goes to bench/results/inference.json
  --document FILE measure nothing; print the ratios of a results file as a Markdown table
Peers that are not installed are left out: npm ci --prefix bench`;

const PERCENTAGES = [0, 50, 70, 80, 90, 95];

/** What to measure and how. */
export interface BenchOptions {
  readonly works: readonly string[];
  readonly configurations: readonly {readonly pattern: PatternName; readonly zeros: number}[];
  readonly rounds: number;
  readonly relaxed: boolean;
  /** Whether nothing was left out, so that the results may stand for the engine. */
  readonly complete: boolean;
  readonly out: string | undefined;
}

/**
 * Reads the command line.
 *
 * @returns What to measure, `help`, or the results file to make a document's table of.
 * @throws Error for unknown flags and values that make no sense.
 */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' | {readonly document: string} {
  const {values} = parseArgs({
    args: [...args],
    options: {
      document: {type: 'string'},
      help: {type: 'boolean', default: false},
      out: {type: 'string'},
      pattern: {type: 'string'},
      quick: {type: 'boolean', default: false},
      relaxed: {type: 'boolean', default: false},
      rounds: {type: 'string'},
      work: {type: 'string', multiple: true, default: []},
      zeros: {type: 'string', multiple: true, default: []},
    },
  });
  if (values.help) return 'help';
  if (values.document !== undefined) return {document: values.document};
  const {quick, relaxed, work: works, out, pattern} = values;
  const rounds = Number(values.rounds ?? (quick ? 9 : 21));
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds must be a whole number of at least 1.');
  const percentages = values.zeros.length > 0 ? values.zeros.map(Number) : quick ? [0, 90] : PERCENTAGES;
  if (percentages.some(percent => !(percent >= 0 && percent < 100)))
    throw new Error('--zeros must be a percentage of at least 0 and less than 100.');
  const patterns = PATTERN_NAMES.filter(name => pattern === undefined || pattern === name);
  if (patterns.length === 0) throw new Error(`--pattern must be one of ${PATTERN_NAMES.join(', ')}.`);
  // Without zeros the pattern makes no difference, so it is measured once.
  const configurations = patterns.flatMap((name, index) =>
    percentages.filter(percent => index === 0 || percent > 0).map(percent => ({pattern: name, zeros: percent / 100})),
  );
  const complete = !quick && works.length === 0 && values.zeros.length === 0 && pattern === undefined;
  return {works, configurations, rounds, relaxed, complete, out};
}

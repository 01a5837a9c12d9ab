// Times pruned models on this library's engine and on its peers, one thread each: `npm run bench:inference -- --help`.
import {readFileSync, writeFileSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {type Comparison, compare} from './inference/compare.ts';
import {type BenchOptions, HELP, parseOptions} from './inference/options.ts';
import {breakEvenTable, comparisonTable, OURS, summaryTable, targetTable} from './inference/report.ts';
import {describeMachine} from './machine.ts';
import {runners as availableRunners} from './runners/index.ts';
import type {Runner} from './runners/runner.ts';
import {WORKS} from './works/index.ts';

const RESULTS = new URL('./results/inference.json', import.meta.url);

const options = parseOptions(process.argv.slice(2));
if (options === 'help') console.log(HELP);
else if ('document' in options) {
  console.log(
    summaryTable((JSON.parse(readFileSync(options.document, 'utf8')) as {comparisons: Comparison[]}).comparisons),
  );
} else await main(options);

async function main(options: BenchOptions): Promise<void> {
  if (options.relaxed) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const machine = describeMachine();
  const runners = await availableRunners(options.relaxed, message => console.log(message));
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, one thread`);
  console.log(runners.map(({name, version}) => `${name}: ${version}`).join('\n'));
  if (machine.load > 1) console.log(`The machine is busy (load ${machine.load}): the ratios are rough.`);
  const comparisons = await compareAll(runners, options);
  if (runners.some(({name}) => name === OURS) && comparisons.length > 0) {
    console.log(`\nZeros from which on the engine is faster\n${breakEvenTable(comparisons)}`);
    console.log(`\nTargets at 90 % zeros\n${targetTable(comparisons)}`);
  }
  const out = options.out ?? (options.complete ? RESULTS : undefined);
  const versions = runners.map(({name, version}) => ({name, version}));
  // Four digits are more than a clock can tell.
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  if (out !== undefined)
    writeFileSync(out, `${JSON.stringify({machine, runners: versions, comparisons}, rounded, 1)}\n`);
}

/** Measures work by work and prints each one's table. */
async function compareAll(
  runners: readonly Runner[],
  {works, configurations, rounds}: BenchOptions,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const work of WORKS) {
    const name = work.name.toLowerCase();
    if (works.length > 0 && !works.some(text => name.includes(text.toLowerCase()))) continue;
    const ofWork: Comparison[] = [];
    for (const {pattern, zeros} of configurations) {
      ofWork.push(await compare(runners, work, pattern, zeros, {rounds}));
    }
    comparisons.push(...ofWork);
    console.log(`\n${work.name}\n${comparisonTable(ofWork)}`);
  }
  return comparisons;
}

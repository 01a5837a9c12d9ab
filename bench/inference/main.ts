// Times pruned models on this library's engine and on its peers, one thread each: `npm run bench:inference -- --help`.
import {readFileSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {describeMachine, machineText} from '../lib/machine.ts';
import {resultFile, writeResult} from '../lib/result.ts';
import {type Comparison, compare} from './compare.ts';
import {type BenchOptions, HELP, parseOptions} from './options.ts';
import {breakEvenTable, comparisonTable, OURS, summaryTable, targetTable} from './report.ts';
import {runners as availableRunners} from './runners/index.ts';
import type {Runner} from './runners/runner.ts';
import {WORKS} from './works/index.ts';

/** More digits than a clock can tell are not written. */
const DIGITS = 4;

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
  console.log(`${machineText(machine)}, one thread`);
  console.log(runners.map(({name, version}) => `${name}: ${version}`).join('\n'));
  if (machine.load > 1) console.log(`The machine is busy (load ${machine.load}): the ratios are rough.`);
  const comparisons = await compareAll(runners, options);
  if (runners.some(({name}) => name === OURS) && comparisons.length > 0) {
    console.log(`\nZeros from which on the engine is faster\n${breakEvenTable(comparisons)}`);
    console.log(`\nTargets at 90 % zeros\n${targetTable(comparisons)}`);
  }
  const out = options.out ?? (options.complete ? resultFile('inference') : undefined);
  const versions = runners.map(({name, version}) => ({name, version}));
  if (out !== undefined) await writeResult(out, {machine, runners: versions, comparisons}, DIGITS);
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

// Times pruned models on this library's engine and on its peers, one thread each: `npm run bench:inference -- --help`.
import {readFileSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {setFlagsFromString} from 'node:v8';
import {type Comparison, compare, PATTERN_NAMES, type PatternName} from './inference/compare.ts';
import {breakEvenTable, comparisonTable, OURS, summaryTable, targetTable} from './inference/report.ts';
import {describeMachine} from './machine.ts';
import {runners as availableRunners} from './runners/index.ts';
import {WORKS} from './works/index.ts';

const HELP = `npm run bench:inference -- [options]
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

const {values: options} = parseArgs({
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
if (options.help) console.log(HELP);
else if (options.document !== undefined) {
  const {comparisons} = JSON.parse(readFileSync(options.document, 'utf8')) as {comparisons: Comparison[]};
  console.log(summaryTable(comparisons));
} else await main();

async function main(): Promise<void> {
  if (options.relaxed) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const machine = describeMachine();
  const runners = await availableRunners(options.relaxed, message => console.log(message));
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, one thread`);
  console.log(runners.map(({name, version}) => `${name}: ${version}`).join('\n'));
  if (machine.load > 1) console.log(`The machine is busy (load ${machine.load}): the ratios are rough.`);
  const works = WORKS.filter(
    ({name}) => options.work.length === 0 || options.work.some(text => name.toLowerCase().includes(text.toLowerCase())),
  );
  const measureOptions = {rounds: Number(options.rounds ?? (options.quick ? 9 : 21))};
  const comparisons: Comparison[] = [];
  for (const work of works) {
    const ofWork: Comparison[] = [];
    for (const {pattern, percent} of configurations()) {
      ofWork.push(await compare(runners, work, pattern, percent / 100, measureOptions));
    }
    comparisons.push(...ofWork);
    console.log(`\n${work.name}\n${comparisonTable(ofWork)}`);
  }
  if (runners.some(({name}) => name === OURS)) {
    console.log(`\nZeros from which on the engine is faster\n${breakEvenTable(comparisons)}`);
    console.log(`\nTargets at 90 % zeros\n${targetTable(comparisons)}`);
  }
  const everything = !options.quick && works.length === WORKS.length && configurations().length === 11;
  const out = options.out ?? (everything ? new URL('./results/inference.json', import.meta.url) : undefined);
  const versions = runners.map(({name, version}) => ({name, version}));
  if (out !== undefined) writeFileSync(out, `${JSON.stringify({machine, runners: versions, comparisons}, null, 1)}\n`);
}

/** Without zeros the pattern makes no difference, so it is measured once. */
function configurations(): {readonly pattern: PatternName; readonly percent: number}[] {
  const chosen = options.zeros.length > 0 ? options.zeros.map(Number) : options.quick ? [0, 90] : PERCENTAGES;
  const patterns = PATTERN_NAMES.filter(name => options.pattern === undefined || options.pattern === name);
  return patterns.flatMap((pattern, index) =>
    chosen.filter(percent => index === 0 || percent > 0).map(percent => ({pattern, percent})),
  );
}

import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {baseline, type Reaching} from './baseline.ts';
import {copyCheckout} from './checkout.ts';
import {outdated, readEquivalent, reasonFor} from './equivalent.ts';
import {drawn, type Mutant, mutantsOf, nameOf, sourcesOf} from './mutants.ts';
import {keepOutcome, noticedIn, type Outcome, readOutcomes} from './outcomes.ts';
import {reportOf} from './report.ts';
import {testsOf} from './tests.ts';
import {secondsOf, testsFor, testsLeft, tryMutant} from './trial.ts';

const HELP = `Puts small faults into copies of src/, one at a time, and sees whether a test notices.

  npm run mutate -- [options]

  --count N     how many faults to draw (240)
  --seed N      which ones (1)
  --only PATH   of files that begin so, such as src/masks; may be repeated
  --skip PATH   of all but files that begin so; may be repeated
  --patience S  seconds of tests after which a fault counts as survived (all tests)
  --list        print the faults that are drawn, and try none
  --fresh       try again what was noticed before, too
  --help        print this

What was tried is kept in .cache/mutate: a run that is cut off goes on where it was. Faults that no test can notice stand
in tools/mutate/equivalent.json with the reason. Exit code 1 below 97 % noticed of the others.`;

/** The share that must be noticed. */
const ENOUGH = 0.97;

const root = resolve(import.meta.dirname, '../..');
const {values} = parseArgs({
  options: {
    count: {type: 'string', default: '240'},
    seed: {type: 'string', default: '1'},
    only: {type: 'string', multiple: true, default: ['src/']},
    skip: {type: 'string', multiple: true, default: []},
    patience: {type: 'string', default: 'Infinity'},
    list: {type: 'boolean', default: false},
    fresh: {type: 'boolean', default: false},
    help: {type: 'boolean', default: false},
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const begins = (file: string, starts: readonly string[]): boolean => starts.some(start => file.startsWith(start));
  const files = sourcesOf(root).filter(file => begins(file, values.only) && !begins(file, values.skip));
  const all = files.flatMap(file => mutantsOf(root, file));
  const equivalent = readEquivalent();
  const sample = drawn(all, Number(values.count), Number(values.seed));
  console.log(`${sample.length} faults of ${all.length} in ${files.length} files`);
  for (const {file, code} of outdated(equivalent, all).filter(entry => files.includes(entry.file)))
    console.warn(`tools/mutate/equivalent.json: ${file} has no such line: ${code}`);
  if (values.list) {
    for (const mutant of sample) console.log(nameOf(mutant));
    return 0;
  }
  const cache = join(root, '.cache/mutate');
  const copy = join(cache, 'checkout');
  const kept = join(cache, 'outcomes.jsonl');
  mkdirSync(cache, {recursive: true});
  if (values.fresh) rmSync(kept, {force: true});
  copyCheckout(root, copy, sample);
  console.log('Running the tests once ...');
  const tests = await baseline(copy, cache, sample);
  for (const {name} of tests.filter(({passed}) => !passed)) console.warn(`left out, fails as it is: ${name}`);
  const outcomes = readOutcomes(kept);
  const trials = sample
    .map((mutant, i) => ({mutant, id: i + 1, tests: testsFor(mutant.file, i + 1, tests, new Map())}))
    .filter(trial => reasonFor(equivalent, trial.mutant) === undefined && isLeft(trial, outcomes))
    .sort((a, b) => secondsOf(a.tests) - secondsOf(b.tests));
  const patience = Number(values.patience);
  const awake = join(cache, 'awake');
  const {run, stop} = testsOf(copy, {MUTANT_FILE: awake}, true);
  for (const [i, {mutant, id}] of trials.entries()) {
    const name = nameOf(mutant);
    const ordered = testsFor(mutant.file, id, tests, noticedIn(dirname(mutant.file), outcomes));
    writeFileSync(awake, String(id));
    const outcome = {name, ...(await tryMutant(run, ordered, outcomes.get(name), patience))};
    outcomes.set(name, outcome);
    keepOutcome(kept, outcome);
    console.log(`${i + 1}/${trials.length} ${outcome.result} ${mutant.file}:${mutant.line} ${mutant.becomes}`);
  }
  stop();
  const report = reportOf(sample, outcomes, mutant => reasonFor(equivalent, mutant));
  console.log(report.text);
  return report.share >= ENOUGH ? 0 : 1;
}

function isLeft(
  {mutant, tests}: {readonly mutant: Mutant; readonly tests: readonly Reaching[]},
  outcomes: ReadonlyMap<string, Outcome>,
): boolean {
  const before = outcomes.get(nameOf(mutant));
  return before === undefined || testsLeft(tests, before).length > 0;
}

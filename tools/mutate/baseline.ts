import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Mutant} from './mutants.ts';
import {type TestFile, testsOf} from './tests.ts';

/** A test file run with all mutants asleep. */
export interface Reaching extends TestFile {
  /** Of the test file, and of what test files share. */
  readonly hash: string;
  /** Numbers of the mutants that it reaches. */
  readonly reaches: readonly number[];
}

/** Where test files lie, and what they share. */
const TESTS = ['src', 'test', 'testing'] as const;
/** These need a browser, or read the sources, which hold switches. */
const LEFT_OUT: readonly string[] = ['test/browser/', 'test/house/'];

/**
 * Runs the tests once with every mutant asleep; of a run before with the same mutants, only those that are new.
 *
 * @param copy The copy of the checkout.
 * @param cache A folder that keeps what came of it.
 */
export async function baseline(copy: string, cache: string, sample: readonly Mutant[]): Promise<readonly Reaching[]> {
  const hashes = hashesOfTests(copy);
  const key = sha(JSON.stringify(sample), ...filesIn(copy, 'src', isSource).map(name => textOf(copy, name)));
  const file = join(cache, 'baseline.json');
  const kept = readKept(file, key).filter(({name, hash}) => hashes.get(name) === hash);
  const known = new Set(kept.map(({name}) => name));
  const files = [...hashes.keys()].filter(name => !known.has(name));
  if (files.length === 0) return kept;
  const hits = join(cache, 'hits');
  rmSync(hits, {recursive: true, force: true});
  mkdirSync(hits, {recursive: true});
  const all = testsOf(copy, {MUTANT_HITS: hits}, false);
  const run = await all.run(files, 3600);
  all.stop();
  if (run.files.length === 0) throw new Error('The tests do not run.');
  const fresh = run.files.map(test => ({...test, hash: hashes.get(test.name)!, reaches: reachedBy(hits, test.name)}));
  const tests = [...kept, ...fresh];
  writeFileSync(file, JSON.stringify({key, tests}));
  return tests;
}

function readKept(file: string, key: string): readonly Reaching[] {
  if (!existsSync(file)) return [];
  const kept = JSON.parse(readFileSync(file, 'utf8')) as {key: string; tests: readonly Reaching[]};
  return kept.key === key ? kept.tests : [];
}

function reachedBy(hits: string, test: string): readonly number[] {
  const file = join(hits, encodeURIComponent(test));
  if (!existsSync(file)) return [];
  return [...new Set(readFileSync(file, 'utf8').trim().split('\n').map(Number))];
}

/** Of each test file with what is shared in its folder and in `testing/`. */
function hashesOfTests(copy: string): ReadonlyMap<string, string> {
  const names = TESTS.flatMap(folder => filesIn(copy, folder, name => !isSource(name)));
  const isTest = (name: string): boolean => name.endsWith('.test.ts');
  const shared = names.filter(name => !isTest(name));
  const tests = names.filter(name => isTest(name) && !LEFT_OUT.some(start => name.startsWith(start)));
  return new Map(
    tests.map(name => {
      const near = shared.filter(other => other.startsWith('testing/') || dirname(other) === dirname(name));
      return [name, sha(...[...near, name].map(file => textOf(copy, file)))];
    }),
  );
}

/** Whether a file of `src` is part of the library. */
function isSource(name: string): boolean {
  return name.startsWith('src/') && !/\.test\.ts$|\/_[^/]*$/.test(name);
}

function filesIn(copy: string, folder: string, chosen: (name: string) => boolean): readonly string[] {
  const names = readdirSync(join(copy, folder), {recursive: true}) as string[];
  return names
    .map(name => `${folder}/${name}`)
    .filter(name => name.endsWith('.ts') && chosen(name))
    .sort();
}

function textOf(copy: string, name: string): string {
  return readFileSync(join(copy, name), 'utf8');
}

function sha(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length} ${text}`);
  return hash.digest('hex').slice(0, 12);
}

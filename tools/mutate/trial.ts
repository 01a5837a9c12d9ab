import type {Reaching} from './baseline.ts';
import {isNoticed, type Outcome} from './outcomes.ts';
import {runTests} from './tests.ts';

/** Seconds of tests that run first: most mutants are noticed by them, and none has to end for long. */
const FIRST_SECONDS = 8;

/** Test files that reach a mutant, those beside its file first, then the quickest. */
export function testsFor(file: string, id: number, tests: readonly Reaching[]): readonly Reaching[] {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const beside = ({name}: Reaching): number => (name.startsWith(folder) ? 0 : 1);
  return tests
    .filter(({passed, reaches}) => passed && reaches.includes(id))
    .sort((a, b) => beside(a) - beside(b) || a.seconds - b.seconds);
}

/** Seconds that the tests take when nothing is wrong. */
export function secondsOf(tests: readonly Reaching[]): number {
  return tests.reduce((sum, {seconds}) => sum + seconds, 0);
}

/**
 * Wakes a mutant and runs the tests that reach it, until one fails or takes far too long.
 *
 * @param tests Those that reach it.
 * @param before What came of it before: the tests that did not notice it then are not run again.
 */
export async function tryMutant(
  copy: string,
  id: number,
  tests: readonly Reaching[],
  before: Outcome | undefined,
): Promise<Omit<Outcome, 'name'>> {
  const fresh = testsLeft(tests, before);
  let count = 1;
  while (count < fresh.length && secondsOf(fresh.slice(0, count + 1)) <= FIRST_SECONDS) count++;
  for (const batch of [fresh.slice(0, count), fresh.slice(count)]) {
    if (batch.length === 0) continue;
    const files = batch.map(({name}) => name);
    const limit = 60 + 4 * secondsOf(batch);
    const run = await runTests(copy, {files, environment: {MUTANT: String(id)}, bail: true, limit});
    if (run.timedOut) return {result: 'timed-out', passed: []};
    const by = run.files.find(({passed}) => !passed)?.name;
    if (!run.passed) return {result: 'noticed', passed: [], ...(by === undefined ? {} : {by})};
  }
  return {result: tests.length === 0 ? 'unreached' : 'survived', passed: tests.map(({hash}) => hash)};
}

/** Tests that have not been run with a mutant awake; none when it was noticed. */
export function testsLeft(tests: readonly Reaching[], before: Outcome | undefined): readonly Reaching[] {
  if (before === undefined) return tests;
  return isNoticed(before) ? [] : tests.filter(({hash}) => !before.passed.includes(hash));
}

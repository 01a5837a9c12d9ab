import {dirname} from 'node:path';
import type {Reaching} from './baseline.ts';
import {isNoticed, type Outcome} from './outcomes.ts';
import type {Tests} from './tests.ts';

/** Seconds of tests that run in one go: one that never ends is found out soon. */
const BATCH_SECONDS = 15;

/**
 * Test files that reach a mutant, those beside its file first, then the quickest, sooner those that noticed others.
 *
 * @param noticed How many mutants of its folder each test file noticed so far.
 */
export function testsFor(
  file: string,
  id: number,
  tests: readonly Reaching[],
  noticed: ReadonlyMap<string, number>,
): readonly Reaching[] {
  const beside = ({name}: Reaching): number => (dirname(name) === dirname(file) ? 0 : 1);
  const worth = ({name, seconds}: Reaching): number => seconds / (1 + 4 * (noticed.get(name) ?? 0));
  return tests
    .filter(({passed, reaches}) => passed && reaches.includes(id))
    .sort((a, b) => beside(a) - beside(b) || worth(a) - worth(b));
}

/** Seconds that the tests take when nothing is wrong. */
export function secondsOf(tests: readonly Reaching[]): number {
  return tests.reduce((sum, {seconds}) => sum + seconds, 0);
}

/**
 * Runs the tests that reach a mutant, which is awake, until one fails or takes far too long.
 *
 * @param tests Those that reach it.
 * @param before What came of it before: the tests that did not notice it then are not run again.
 * @param patience Seconds of tests after which it counts as survived.
 */
export async function tryMutant(
  run: Tests['run'],
  tests: readonly Reaching[],
  before: Outcome | undefined,
  patience: number,
): Promise<Omit<Outcome, 'name'>> {
  const ran: Reaching[] = [];
  for (const batch of batchesOf(testsLeft(tests, before))) {
    if (ran.length > 0 && secondsOf(ran) + secondsOf(batch) > patience) break;
    ran.push(...batch);
    const files = batch.map(({name}) => name);
    const limit = 30 + 3 * secondsOf(batch);
    const {timedOut, passed: all, files: ended} = await run(files, limit);
    if (timedOut) return {result: 'timed-out', passed: []};
    const by = ended.find(({passed}) => !passed)?.name;
    if (!all) return {result: 'noticed', passed: [], ...(by === undefined ? {} : {by})};
  }
  const passed = [...(before?.passed ?? []), ...ran.map(({hash}) => hash)];
  return {result: tests.length === 0 ? 'unreached' : 'survived', passed};
}

/** Tests that have not been run with a mutant awake; none when it was noticed. */
export function testsLeft(tests: readonly Reaching[], before: Outcome | undefined): readonly Reaching[] {
  if (before === undefined) return tests;
  return isNoticed(before) ? [] : tests.filter(({hash}) => !before.passed.includes(hash));
}

function batchesOf(tests: readonly Reaching[]): readonly (readonly Reaching[])[] {
  const batches: Reaching[][] = [];
  for (const test of tests) {
    const last = batches.at(-1);
    if (last !== undefined && secondsOf(last) + test.seconds <= BATCH_SECONDS) last.push(test);
    else batches.push([test]);
  }
  return batches;
}

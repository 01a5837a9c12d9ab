import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {dirname} from 'node:path';

/** What came of a mutant. */
export interface Outcome {
  readonly name: string;
  /** `unreached` when no test runs its code. */
  readonly result: 'noticed' | 'timed-out' | 'survived' | 'unreached';
  /** The test file that noticed it. */
  readonly by?: string;
  /** Hashes of the test files that did not. */
  readonly passed: readonly string[];
}

/** The last outcome of each mutant that was tried before, by name; the file has one a line. */
export function readOutcomes(file: string): Map<string, Outcome> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const outcomes = lines.filter(line => line !== '').map(line => JSON.parse(line) as Outcome);
  return new Map(outcomes.map(outcome => [outcome.name, outcome]));
}

/** Adds an outcome, so that a run that is cut off goes on from here. */
export function keepOutcome(file: string, outcome: Outcome): void {
  appendFileSync(file, `${JSON.stringify(outcome)}\n`);
}

/** Whether a test noticed the mutant, if only by never ending. */
export function isNoticed({result}: Outcome): boolean {
  return result === 'noticed' || result === 'timed-out';
}

/** How many mutants of a folder each test file noticed. */
export function noticedIn(folder: string, outcomes: ReadonlyMap<string, Outcome>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const {name, by} of outcomes.values()) {
    if (by === undefined || dirname(name.slice(0, name.indexOf(': '))) !== folder) continue;
    counts.set(by, (counts.get(by) ?? 0) + 1);
  }
  return counts;
}

import {TfmotError} from './errors.ts';

/**
 * Checks that options are an object whose names are all known, so that a slip of the pen does not go unnoticed.
 *
 * @param options What the caller gave; undefined is fine.
 * @param names The names that `caller` knows.
 * @param caller Whose options they are, as the message says it: `compress`, `polynomialDecay`.
 * @throws TfmotError `invalid-argument` naming the first unknown option and, where one is near, the name that was meant:
 *     other case (`pruning_schedule` for `pruningSchedule`), or up to two letters wrong.
 */
export function checkOptionNames(options: unknown, names: readonly string[], caller: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const given = options === null ? 'null' : Array.isArray(options) ? 'an array' : `a ${typeof options}`;
    throw new TfmotError(
      'invalid-argument',
      `${caller} takes its options as one object {${names.join(', ')}}, but got ${given}.`,
    );
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? `It knows ${listed(names)}.` : `Did you mean ${meant}?`;
    throw new TfmotError('invalid-argument', `${caller} has no option '${name}'. ${hint}`);
  }
}

/**
 * The name that `name` was meant to be.
 *
 * @returns undefined when none is near.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(2, Math.floor(wordOf(name).length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(wordOf(name), wordOf(candidate), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

const wordOf = (name: string): string => name.replace(/[-_\s]/g, '').toLowerCase();

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

/** How many letters to insert, remove, change or swap with a neighbour; `limit` when it is that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let [before, last]: [number[], number[]] = [[], Array.from({length: b.length + 1}, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return Math.min(limit, last[b.length]!);
}

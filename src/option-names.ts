import {TfmotError} from './errors.ts';

/**
 * Checks that options are an object whose names are all known, so that a slip of the pen does not go unnoticed.
 *
 * @param options What the caller gave; undefined is fine.
 * @param names The names that `caller` knows.
 * @param caller Whose options they are, as the message says it: `compress`, `polynomialDecay`.
 * @throws TfmotError `invalid-argument` naming the first unknown option and, where one is near, the name that was
 *     meant: other case (`pruning_schedule` for `pruningSchedule`), or up to two letters wrong.
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
    const distance = lettersApart(wordOf(name), wordOf(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

const wordOf = (name: string): string => name.replace(/[-_\s]/g, '').toLowerCase();

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

/**
 * Letters between the beginning and the end that two words share: 1 where one is missing, too many or wrong. Two
 * neighbours that changed places count as one slip.
 */
function lettersApart(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const apart = Math.max(a.length, b.length) - start - end;
  const swapped = a.length === b.length && apart === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
  return swapped ? 1 : apart;
}

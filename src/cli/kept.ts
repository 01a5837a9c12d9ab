import {counted} from './text.ts';

/** A weight that a command left as it is, and why. */
export interface Kept {
  readonly name: string;
  readonly reason: string;
}

/** What weights are called that were kept for a reason which says what they are. */
const NOUNS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'bias or normalisation': ['bias or normalisation weight', 'biases and normalisation weights'],
};

/**
 * How many weights were kept for each reason: `12 biases, 4 normalisation weights`.
 *
 * @returns `none` where there are none.
 */
export function keptSummary(kept: readonly Kept[]): string {
  const counts = new Map<string, number>();
  for (const {reason} of kept) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => {
    const noun = NOUNS[reason];
    return noun === undefined ? `${counted(count, 'weight')} (${reason})` : counted(count, ...noun);
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

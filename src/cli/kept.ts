import type {Kept} from '../artifacts/open-model.ts';
import {ROLE_NAMES, type Role} from '../artifacts/roles.ts';
import {counted} from './text.ts';

/** What one weight of a role is called, and what several are. */
export const ROLE_NOUNS: Readonly<Record<Role, readonly [one: string, many: string]>> = {
  kernel: ['kernel', 'kernels'],
  recurrent: ['recurrent kernel', 'recurrent kernels'],
  embedding: ['embedding', 'embeddings'],
  pointwise: ['pointwise kernel', 'pointwise kernels'],
  depthwise: ['depthwise kernel', 'depthwise kernels'],
  bias: ['bias', 'biases'],
  normalisation: ['normalisation weight', 'normalisation weights'],
  statistic: ['statistic', 'statistics'],
  slope: ['set of slopes', 'sets of slopes'],
};

/** The nouns by the reason that says what a weight is. */
const NOUNS: ReadonlyMap<string, readonly [one: string, many: string]> = new Map(
  (Object.keys(ROLE_NOUNS) as Role[]).map(role => [ROLE_NAMES[role], ROLE_NOUNS[role]]),
);

/**
 * How many weights were kept for each reason: `12 biases, 4 normalisation weights`.
 *
 * @returns `none` where there are none.
 */
export function keptSummary(kept: readonly Kept[]): string {
  const counts = new Map<string, number>();
  for (const {reason} of kept) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => {
    const noun = NOUNS.get(reason);
    return noun === undefined ? `${counted(count, 'weight')} (${reason})` : counted(count, ...noun);
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

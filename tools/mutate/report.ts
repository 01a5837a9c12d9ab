import {type Mutant, nameOf} from './mutants.ts';
import {isNoticed, type Outcome} from './outcomes.ts';

/** What came of a sample. */
export interface Report {
  /** Of those that are not equivalent, the share that a test noticed. */
  readonly share: number;
  readonly text: string;
}

/** Counts what was noticed, and names what was not. */
export function reportOf(
  sample: readonly Mutant[],
  outcomes: ReadonlyMap<string, Outcome>,
  reasonFor: (mutant: Mutant) => string | undefined,
): Report {
  const judged = sample.filter(mutant => reasonFor(mutant) === undefined);
  const tried = judged.flatMap(mutant => {
    const outcome = outcomes.get(nameOf(mutant));
    return outcome === undefined ? [] : [{mutant, outcome}];
  });
  const missed = tried.filter(({outcome}) => !isNoticed(outcome));
  const endless = tried.filter(({outcome}) => outcome.result === 'timed-out').length;
  const noticed = tried.length - missed.length;
  const share = judged.length === 0 ? 1 : noticed / judged.length;
  const lines = missed.map(({mutant: {file, line, code, becomes}, outcome}) =>
    [`${outcome.result} ${file}:${line}`, `  - ${code}`, `  + ${becomes}`].join('\n'),
  );
  const summary =
    `${noticed} of ${judged.length} noticed (${(100 * share).toFixed(1)} %; ${endless} by never ending), ` +
    `${missed.length} not; ${sample.length - judged.length} more are equivalent`;
  return {share, text: [...lines, summary].join('\n')};
}

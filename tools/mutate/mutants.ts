import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Mutation, mutationsOf} from './mutations.ts';

/** A mutation of a file of the library, as people and lists name it. */
export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The lines it changes, spaces put together, and what becomes of them. */
  readonly code: string;
  readonly becomes: string;
  /** Which of those with the same file, code and mutation, from 0. */
  readonly nth: number;
  readonly mutation: Mutation;
}

/** What names a mutant for as long as its line stands, wherever it moves. */
export function nameOf({file, code, becomes, nth}: Mutant): string {
  return `${file}: ${code} -> ${becomes}${nth === 0 ? '' : ` (${nth + 1})`}`;
}

/** The sources of the library that people write: no tests, nothing generated. */
export function sourcesOf(root: string): readonly string[] {
  return (readdirSync(join(root, 'src'), {recursive: true}) as string[])
    .filter(name => name.endsWith('.ts') && !/\.(test|generated|d)\.ts$|(^|\/)_[^/]*$/.test(name))
    .map(name => `src/${name}`)
    .sort();
}

/** Every mutant of a file. */
export function mutantsOf(root: string, file: string): readonly Mutant[] {
  const source = readFileSync(join(root, file), 'utf8');
  const seen = new Map<string, number>();
  return mutationsOf(source).map(mutation => {
    const from = source.lastIndexOf('\n', mutation.from - 1) + 1;
    const after = source.indexOf('\n', mutation.to);
    const to = after < 0 ? source.length : after;
    const changed = source.slice(from, mutation.from) + mutation.text + source.slice(mutation.to, to);
    const [code, becomes] = [tight(source.slice(from, to)), tight(changed)];
    const nth = seen.get(`${code} -> ${becomes}`) ?? 0;
    seen.set(`${code} -> ${becomes}`, nth + 1);
    return {file, line: source.slice(0, mutation.from).split('\n').length, code, becomes, nth, mutation};
  });
}

function tight(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/**
 * Draws mutants by a seed, each by its name alone: when a line changes, the mutants of the other lines stay drawn.
 *
 * @param count How many; all when there are fewer.
 */
export function drawn(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  const lots = mutants.map(mutant => ({mutant, lot: lotOf(`${seed} ${nameOf(mutant)}`)}));
  return lots
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, count)
    .map(({mutant}) => mutant);
}

function lotOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

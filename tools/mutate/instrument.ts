import type {Mutation} from './mutations.ts';

/** A mutation and the number that switches it on. */
export interface Switched {
  readonly id: number;
  readonly mutation: Mutation;
}

/**
 * A source file that holds many mutations, each asleep until `globalThis.mutant(id)` says that it is the one to try:
 * one copy of the library serves all of them, and what a test reaches is seen by what is asked.
 */
export function instrumented(source: string, switched: readonly Switched[]): string {
  // Those around others come first: the longer among those that begin together.
  const sorted = [...switched].sort((a, b) => a.mutation.from - b.mutation.from || b.mutation.to - a.mutation.to);
  return rendered(source, sorted, 0, source.length);
}

function rendered(source: string, sorted: readonly Switched[], from: number, to: number): string {
  let text = '';
  let at = from;
  for (let i = 0; i < sorted.length; ) {
    const {id, mutation} = sorted[i]!;
    let end = i + 1;
    while (end < sorted.length && sorted[end]!.mutation.from < mutation.to) end++;
    const inner = rendered(source, sorted.slice(i + 1, end), mutation.from, mutation.to);
    text += source.slice(at, mutation.from) + switchOf(id, mutation, inner);
    at = mutation.to;
    i = end;
  }
  return text + source.slice(at, to);
}

function switchOf(id: number, {statement, text}: Mutation, original: string): string {
  const on = `globalThis.mutant?.(${id})`;
  return statement ? `{if (!${on}) {${original}}}` : `(${on} ? (${text}) : (${original}))`;
}

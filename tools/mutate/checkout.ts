import {cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {instrumented, type Switched} from './instrument.ts';
import type {Mutant} from './mutants.ts';

const LEFT_BEHIND: readonly string[] = ['.cache', '.git', '.venv', 'dist', 'node_modules', 'out'];

/** Copies the checkout at `root` to `copy`, with its mutants asleep in it; a mutant's number is its place, from 1. */
export function copyCheckout(root: string, copy: string, mutants: readonly Mutant[]): void {
  rmSync(copy, {recursive: true, force: true});
  mkdirSync(copy, {recursive: true});
  const filter = (path: string): boolean => !LEFT_BEHIND.includes(basename(path));
  for (const name of readdirSync(root)) {
    if (filter(name)) cpSync(join(root, name), join(copy, name), {recursive: true, filter});
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const file of new Set(mutants.map(mutant => mutant.file))) {
    const switched = mutants.flatMap((mutant, i): readonly Switched[] =>
      mutant.file === file ? [{id: i + 1, mutation: mutant.mutation}] : [],
    );
    writeFileSync(join(copy, file), instrumented(readFileSync(join(root, file), 'utf8'), switched));
  }
}

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Mutant} from './mutants.ts';

/** A mutation that no test can notice, and why. */
interface Equivalent {
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
  readonly reason: string;
}

/** Reads the list of mutations that change nothing a caller can see. */
export function readEquivalent(): readonly Equivalent[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8')) as readonly Equivalent[];
}

/** Why no test can notice a mutant; `undefined` where one should. */
export function reasonFor(equivalent: readonly Equivalent[], {file, code, becomes}: Mutant): string | undefined {
  return equivalent.find(entry => entry.file === file && entry.code === code && entry.becomes === becomes)?.reason;
}

/** Entries of the list whose line the library no longer has. */
export function outdated(equivalent: readonly Equivalent[], mutants: readonly Mutant[]): readonly Equivalent[] {
  return equivalent.filter(
    entry =>
      !mutants.some(({file, code, becomes}) => file === entry.file && code === entry.code && becomes === entry.becomes),
  );
}

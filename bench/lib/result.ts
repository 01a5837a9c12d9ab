import {fileURLToPath} from 'node:url';
import {writeFileAtomic} from 'tfjs-model-optimization/node';
import type {Machine} from './machine.ts';

/** What a benchmark found, and on which machine. */
export interface Result {
  readonly machine: Machine;
  readonly [part: string]: unknown;
}

/** The file in which the results of a benchmark are committed. */
export function resultFile(benchmark: string): string {
  return fileURLToPath(new URL(`../results/${benchmark}.json`, import.meta.url));
}

/**
 * Results as they are written: JSON, a line for each value.
 *
 * @param digits Digits of each number that count; by default all of them.
 */
export function resultText(result: Result, digits?: number): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && digits !== undefined ? Number(value.toPrecision(digits)) : value;
  return `${JSON.stringify(result, rounded, 1)}\n`;
}

/** Writes results to a file whole or not at all, in a folder that it makes where it is missing, and says so. */
export async function writeResult(file: string, result: Result, digits?: number): Promise<void> {
  await writeFileAtomic(file, [resultText(result, digits)]);
  console.log(`written to ${file}`);
}

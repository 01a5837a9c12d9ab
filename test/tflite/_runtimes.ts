import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Need} from '../_needs.ts';

/** A file to run, and what to give it. */
export interface Job {
  readonly file: Uint8Array;
  readonly inputs: readonly JobInput[];
}

export interface JobInput {
  readonly type: 'float32' | 'int32' | 'uint8';
  /** The batch included. */
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A runtime that computes in WebAssembly: LiteRT for the web, or the oldest in use. */
export type Runtime = 'litert' | 'tfjs-tflite';

const ARRAYS = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array} as const;

/** What brings the oldest runtime, which is large. */
export const oldestRuntime: Need = {
  isMet: existsSync(join(import.meta.dirname, 'runtimes/node_modules')),
  by: 'npm install --prefix test/tflite/runtimes',
};

/**
 * What a runtime makes of files, all in one process: the outputs, or why there are none. A file of which it says
 * `ERROR` on its console has none: LiteRT goes on with garbage then.
 */
export async function runIn(
  runtime: Runtime,
  jobs: readonly Job[],
): Promise<readonly (readonly Float32Array[] | string)[]> {
  const results = await resultsOf(runtime, jobs);
  return results.map(({outputs, error, console}) => {
    const said = console.filter(line => /\bERROR\b|^Error/.test(line));
    if (outputs === undefined || said.length > 0) return [error, ...said].join('\n');
    return outputs.map(values => Float32Array.from(values));
  });
}

interface Result {
  readonly outputs?: number[][];
  readonly error?: string;
  readonly console: readonly string[];
}

async function resultsOf(runtime: Runtime, jobs: readonly Job[]): Promise<readonly Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'litert-'));
  try {
    const written = new Map<ArrayLike<number>, string>();
    const write = ({type, values}: JobInput): string => {
      const path = written.get(values) ?? join(folder, `${written.size}.bin`);
      if (!written.has(values)) writeFileSync(path, new Uint8Array(ARRAYS[type].from(values).buffer));
      written.set(values, path);
      return path;
    };
    const list = jobs.map(({file, inputs}, i) => {
      const path = join(folder, `${i}.tflite`);
      writeFileSync(path, file);
      return {file: path, inputs: inputs.map(input => ({type: input.type, shape: input.shape, file: write(input)}))};
    });
    writeFileSync(join(folder, 'jobs.json'), JSON.stringify(list));
    await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, `_${runtime}-worker.mjs`),
      join(folder, 'jobs.json'),
      join(folder, 'results.json'),
    ]);
    return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  } finally {
    rmSync(folder, {recursive: true});
  }
}

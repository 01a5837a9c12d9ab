import {spawn} from 'node:child_process';
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {join, relative} from 'node:path';
import {pathToFileURL} from 'node:url';

/** What a test file did. */
export interface TestFile {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** What came of running tests. */
export interface TestRun {
  /** Those that ended. */
  readonly files: readonly TestFile[];
  readonly passed: boolean;
  readonly timedOut: boolean;
  readonly output: string;
}

export interface TestOptions {
  /** Those to run, in this order; all if there are none. */
  readonly files?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the first failure ends the run, and one file runs at a time. */
  readonly bail: boolean;
  /** Seconds after which the run is killed, with all it started. */
  readonly limit: number;
}

interface Report {
  readonly testResults: readonly {name: string; status: string; startTime: number; endTime: number}[];
}

/** Runs tests of the copy of a checkout. */
export async function runTests(copy: string, options: TestOptions): Promise<TestRun> {
  const report = join(copy, '.mutate-report.json');
  rmSync(report, {force: true});
  const {passed, timedOut, output} = await vitest(copy, report, options);
  const {testResults} = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report) : {testResults: []};
  const files = testResults.map(({name, status, startTime, endTime}) => ({
    name: relative(copy, name),
    passed: status === 'passed',
    seconds: Math.max(0, endTime - startTime) / 1000,
  }));
  return {files, passed, timedOut, output};
}

async function vitest(
  copy: string,
  report: string,
  {files = [], environment, bail, limit}: TestOptions,
): Promise<Omit<TestRun, 'files'>> {
  const own = join(copy, 'tools/mutate');
  const child = spawn(
    process.execPath,
    [
      join(copy, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...['--config', join(own, 'vitest.config.ts'), '--reporter', 'json', '--outputFile', report],
      ...(bail ? ['--bail', '1', '--max-workers', '1'] : []),
      ...files,
    ],
    {
      cwd: copy,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...environment,
        MUTANT_ORDER: JSON.stringify(files),
        NODE_OPTIONS: `--import ${pathToFileURL(join(own, 'switch.mjs'))}`,
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    // The group: a test that never ends does not hear its parent.
    process.kill(-child.pid!, 'SIGKILL');
  }, limit * 1000);
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  clearTimeout(timer);
  return {passed: code === 0, timedOut, output};
}

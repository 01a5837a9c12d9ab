import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

/** What a test file did. */
export interface TestFile {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** What the server is asked: to run these test files, in this order. */
export interface Question {
  readonly files: readonly string[];
}

/** What the server says. */
export interface Answer {
  readonly files: readonly TestFile[];
  readonly passed: boolean;
}

/** What came of running tests. */
export interface TestRun extends Answer {
  readonly timedOut: boolean;
}

/** Runs tests of a copy of the checkout. */
export interface Tests {
  /** @param limit Seconds after which the run is killed, with all it started. */
  run(files: readonly string[], limit: number): Promise<TestRun>;
  stop(): void;
}

/**
 * @param environment Of every process.
 * @param bail Whether the first failure ends a run, and one file runs at a time.
 */
export function testsOf(copy: string, environment: Readonly<Record<string, string>>, bail: boolean): Tests {
  let server: ChildProcess | undefined;
  const stop = (): void => {
    const pid = server?.pid;
    server = undefined;
    if (pid === undefined) return;
    try {
      // The group: a test that never ends does not hear its parent.
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  process.once('exit', stop);
  const run = async (files: readonly string[], limit: number): Promise<TestRun> => {
    server ??= await started(copy, environment, bail);
    const asked = server;
    let timedOut = false;
    const answer = await new Promise<Answer | undefined>(resolve => {
      const end = (result?: Answer): void => {
        clearTimeout(timer);
        asked.removeAllListeners();
        resolve(result);
      };
      const timer = setTimeout(() => {
        timedOut = true;
        end();
      }, limit * 1000);
      asked.once('message', message => end(message as Answer));
      asked.once('exit', () => end());
      asked.send({files} satisfies Question);
    });
    if (answer === undefined) stop();
    return {timedOut, ...(answer ?? {files: [], passed: false})};
  };
  return {run, stop};
}

async function started(
  copy: string,
  environment: Readonly<Record<string, string>>,
  bail: boolean,
): Promise<ChildProcess> {
  const own = join(copy, 'tools/mutate');
  const server = fork(join(own, 'server.ts'), bail ? ['--bail'] : [], {
    cwd: copy,
    detached: true,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...environment,
      NODE_OPTIONS: `--import ${pathToFileURL(join(own, 'switch.mjs'))}`,
    },
  });
  const [message] = await Promise.race([once(server, 'message'), once(server, 'exit')]);
  if (message !== 'ready') throw new Error('The tests cannot be run: see above.');
  return server;
}

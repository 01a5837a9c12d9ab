#!/usr/bin/env node
import {run} from './program.ts';

const stop = new AbortController();
/** The exit codes of commands that these signals end, as shells count them. */
const SIGNALS = {SIGINT: 130, SIGTERM: 143} as const;

for (const [name, code] of Object.entries(SIGNALS)) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(code);
    stop.abort(code);
  });
}
// Whoever reads the output may have seen enough, as `head` has: what the command does, it does all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), {terminal: process, signal: stop.signal});

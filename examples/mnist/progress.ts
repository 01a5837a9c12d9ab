import {SingleBar} from 'cli-progress';

/** Shows on stderr how far a piece of work is and how long it will still take. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

/** Where nobody watches a bar move, a line now and then is enough. */
const MS_BETWEEN_LINES = 10_000;
/** What stands beside a bar at most: title, numbers, note and time left. */
const BESIDE_BAR = 62;

/**
 * Starts showing progress: a bar on a terminal, a plain line every ten seconds where stderr goes to a file or a
 * pipe.
 *
 * @param done Where the work starts, for one that goes on after an interruption.
 */
export function showProgress(title: string, total: number, unit: string, done = 0): Progress {
  return process.stderr.isTTY ? bar(title, total, unit, done) : lines(title, total, unit, done);
}

/** The same for work of which nobody knows how much there will be: what has been done so far. */
export function showCount(title: string, unit: string): Progress {
  const {isTTY} = process.stderr;
  let last = performance.now();
  return {
    update: (done, note = '') => {
      const now = performance.now();
      if (isTTY) process.stderr.write(`\r${title.padEnd(11)} ${done} ${unit}  ${note}\x1b[K`);
      else if (now - last >= MS_BETWEEN_LINES) process.stderr.write(`${title}: ${done} ${unit}, ${note}\n`);
      else return;
      last = now;
    },
    stop: () => {
      if (isTTY) process.stderr.write('\n');
    },
  };
}

function bar(title: string, total: number, unit: string, start: number): Progress {
  const shown = new SingleBar({
    format: `${title.padEnd(11)} {bar} {value}/{total} ${unit}  {note}  {left} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(4, Math.min(28, (process.stderr.columns || 80) - BESIDE_BAR)),
    hideCursor: true,
    stopOnComplete: false,
    stream: process.stderr,
  });
  const timeLeft = estimate(total, start);
  shown.start(total, start, {note: '', left: '?'});
  return {
    update: (done, note = '') => shown.update(done, {note, left: timeLeft(done)}),
    stop: () => shown.stop(),
  };
}

function lines(title: string, total: number, unit: string, start: number): Progress {
  const timeLeft = estimate(total, start);
  let last = performance.now();
  process.stderr.write(`${title}: ${start}/${total} ${unit}\n`);
  return {
    update: (done, note = '') => {
      const now = performance.now();
      if (now - last < MS_BETWEEN_LINES && done < total) return;
      last = now;
      process.stderr.write(`${title}: ${done}/${total} ${unit}${note && `, ${note}`}, ${timeLeft(done)} left\n`);
    },
    stop: () => undefined,
  };
}

/** Time left, from the average speed since the start. */
function estimate(total: number, start: number): (done: number) => string {
  const began = performance.now();
  return done => {
    if (done <= start) return '?';
    const seconds = Math.round((((performance.now() - began) / 1000) * (total - done)) / (done - start));
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  };
}

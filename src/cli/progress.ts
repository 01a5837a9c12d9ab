import type {Progress} from '../pace.ts';
import {columnsOf, type Stream, type Terminal} from './terminal.ts';

/** Work that is done sooner shows no bar. */
const PATIENCE_MS = 600;
/** Beside the bar stand its title, the percentage and the time left. */
const BESIDE_BAR = 42;
const TITLE = 14;

/**
 * Shows on a terminal how far a piece of work is and how long it will still take, if it takes a while, and wipes it
 * away in the end. Where nobody looks it shows nothing.
 *
 * @param now The time in milliseconds, from any start.
 */
export async function withProgress<T>(
  title: string,
  {stderr, env}: Pick<Terminal, 'stderr' | 'env'>,
  work: (onProgress: (progress: Progress) => void) => Promise<T>,
  now: () => number = () => performance.now(),
): Promise<T> {
  if (stderr.isTTY !== true || env['TERM'] === 'dumb') return work(() => undefined);
  const {SingleBar} = await import('cli-progress');
  const bar = new SingleBar({
    format: `${title.padEnd(TITLE)} {bar} {percentage} %  {left}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(1, Math.min(40, columnsOf(stderr, env) - BESIDE_BAR)),
    clearOnComplete: true,
    stream: stderr as Stream & NodeJS.WritableStream,
  });
  const began = now();
  let shown = false;
  try {
    return await work(({done, total}) => {
      const share = total === 0 ? 0 : done / total;
      const ms = now() - began;
      if (ms < PATIENCE_MS) return;
      const left = timeLeft(ms, share);
      if (!shown) bar.start(100, Math.floor(100 * share), {left});
      else bar.update(Math.floor(100 * share), {left});
      shown = true;
    });
  } finally {
    if (shown) bar.stop();
  }
}

/** How long the rest takes at the average speed so far. */
export function timeLeft(ms: number, share: number): string {
  if (share <= 0) return '';
  const seconds = Math.round(((ms / share) * (1 - share)) / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}

import {Writable} from 'node:stream';
import {expect, test} from 'vitest';
import type {PaceOptions} from '../pace.ts';
import {timeLeft, withProgress} from './progress.ts';
import {sessionOn} from './session.ts';

/** A terminal of 80 columns that keeps what is written. */
function terminal(isTTY: boolean, env: Record<string, string> = {}) {
  let written = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      written += chunk;
      done();
    },
  });
  return {stderr: Object.assign(stream, {isTTY, columns: 80}), env, written: () => written};
}

/** Work that says four times how far it is, a second and a half after each other. */
async function shown(on: ReturnType<typeof terminal>, msBetween = 1500): Promise<string> {
  let ms = 0;
  const result = await withProgress(
    'compressing',
    on,
    async onProgress => {
      for (const share of [0.25, 0.5, 0.75, 1]) {
        ms += msBetween;
        onProgress({done: 8 * share, total: 8});
      }
      return 'done';
    },
    () => ms,
  );
  expect(result).toBe('done');
  return on.written();
}

test('shows how far the work is and how long it will take, then wipes it away', async () => {
  const written = await shown(terminal(true));
  expect(written).toContain('compressing');
  expect(written).toMatch(/█+░+ 25 % {2}5 s left/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told what to do by them.
  for (const frame of written.split(/[\r\n]|\x1b\[[\d;?]*[A-Za-z]/)) expect(frame.length).toBeLessThanOrEqual(80);
  expect(written.trimEnd().endsWith('left')).toBe(false);
});

test('shows nothing where nobody looks, or where the work is soon done', async () => {
  expect(await shown(terminal(false))).toBe('');
  expect(await shown(terminal(true, {TERM: 'dumb'}))).toBe('');
  expect(await shown(terminal(true), 100)).toBe('');
});

test('a quiet session shows nothing, another one shows how far it is', async () => {
  const {signal} = new AbortController();
  const late = async ({onProgress}: Required<PaceOptions>): Promise<void> => {
    await new Promise(done => setTimeout(done, 700));
    onProgress({done: 1, total: 2});
  };
  for (const quiet of [true, false]) {
    const on = terminal(true);
    await sessionOn({...on, stdout: on.stderr}, signal, quiet).stage('decoding', late);
    expect(on.written().includes('50 %')).toBe(!quiet);
  }
});

test('wipes the bar away when the work fails', async () => {
  const on = terminal(true);
  let ms = 0;
  const failing = withProgress(
    'decoding',
    on,
    async onProgress => {
      ms = 2000;
      onProgress({done: 1, total: 2});
      throw new Error('broken');
    },
    () => ms,
  );
  await expect(failing).rejects.toThrow('broken');
  expect(on.written()).toContain('50 %');
  expect(on.written().trimEnd().endsWith('left')).toBe(false);
});

test.each([
  [1000, 0, ''],
  [1000, 0.5, '1 s left'],
  [90_000, 0.5, '1 min 30 s left'],
  [90_000, 1, '0 s left'],
])('after %i ms and a share of %d: %s', (ms, share, text) => {
  expect(timeLeft(ms, share)).toBe(text);
});

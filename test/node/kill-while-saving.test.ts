import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {compressedFile, modelFolder} from 'tfjs-model-optimization/node';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {FULL, fullRun, unmet} from '../_needs.ts';
import {modelOf, valueIn} from './_models.ts';

const KILLS = FULL ? 100 : 4;
const LOADS = FULL ? 2_000 : 20;
const ROUNDS = FULL ? 40 : 2;
const PROGRAM = resolve(import.meta.dirname, '_save-forever.ts');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tfmot-kill-'));
});
afterEach(() => rm(root, {recursive: true}));

const folder = (): string => join(root, 'model');
const file = (): string => join(root, 'model.tfmz');
const handlers = () => [modelFolder(folder()), compressedFile(file())];

/** Starts the program that saves, and waits until it has saved once. */
async function startSaving(errors: 'inherit' | 'ignore' = 'inherit'): Promise<ChildProcess> {
  const args = ['--import', 'tsx', PROGRAM, folder(), file()];
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', errors]});
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The program ended with ${code}.`))),
  ]);
  child.stdout.resume();
  return child;
}

/** @returns Whether it was still at work. */
async function kill(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) return false;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
  return true;
}

/** A save to each place leaves one model there and nothing else. */
async function expectTidy(): Promise<void> {
  for (const handler of handlers()) await handler.save(modelOf(3, 10));
  for (const handler of handlers()) expect(await valueIn(handler)).toBe(3);
  expect(await readdir(folder())).toHaveLength(2);
  expect((await readdir(root)).sort()).toEqual(['model', 'model.tfmz']);
}

test(`a process killed ${KILLS} times while it saves leaves a whole model each time`, async () => {
  let leftovers = 0;
  for (let round = 0; round < KILLS; round++) {
    const child = await startSaving();
    await sleep((round * 37) % 101);
    expect(await kill(child)).toBe(true);
    for (const handler of handlers()) expect([1, 2]).toContain(await valueIn(handler));
    // Two weight files and model.json are the whole model: more shows that a save was cut short.
    if ((await readdir(folder())).length > 3) leftovers++;
  }
  // If no kill ever hit a save, this test has shown nothing.
  if (KILLS > 10) expect(leftovers).toBeGreaterThan(0);
  await expectTidy();
}, 1_800_000);

test(`two processes save and read while this one reads ${LOADS} times, and one of them is killed now and then`, async () => {
  const children = [await startSaving(), await startSaving()];
  const seen = new Set<number>();
  for (let loads = 1; loads <= LOADS || seen.size < 2; loads++) {
    for (const handler of handlers()) seen.add(await valueIn(handler));
    if (loads % (LOADS / ROUNDS) !== 0) continue;
    // A program that could not save or read has ended by itself.
    expect(await kill(children.shift()!)).toBe(true);
    children.push(await startSaving());
  }
  expect([...seen].sort()).toEqual([1, 2]);
  for (const child of children) expect(await kill(child)).toBe(true);
  await expectTidy();
}, 1_800_000);

test.skipIf(!FULL)(
  `a process that stands still for half a minute while it saves loses its lock, and no model${unmet(fullRun)}`,
  async () => {
    for (let round = 0; round < 3; round++) {
      const child = await startSaving('ignore');
      while (!(await isLocked())) {
        child.kill('SIGCONT');
        await sleep(1);
        child.kill('SIGSTOP');
      }
      await modelFolder(folder()).save(modelOf(3, 1_100_000));
      expect(await valueIn(modelFolder(folder()))).toBe(3);
      child.kill('SIGCONT');
      await sleep(1_000);
      await kill(child);
      for (const handler of handlers()) expect([1, 2, 3]).toContain(await valueIn(handler));
      await expectTidy();
    }
  },
  600_000,
);

const isLocked = async (): Promise<boolean> => (await readdir(folder())).includes('.tfmot-lock');

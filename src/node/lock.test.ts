import {spawnSync} from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';
import {setTimeout as sleep, setImmediate as turn} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {Lock} from './lock.ts';
import {newOwner} from './lock-owner.ts';

type Locker = typeof import('./lock.ts').whileLocked;

let folder: string;
let whileLocked: Locker;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-lock-'));
  whileLocked = await another();
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, {recursive: true});
});

/** The lock as another process has it: a copy of the module with a queue of its own. */
async function another(): Promise<Locker> {
  vi.resetModules();
  return (await import('./lock.ts')).whileLocked;
}

const ENDED = spawnSync(process.execPath, ['-e', '0']).pid;
const dead = (): string => newOwner().replace(/^\d+/, String(ENDED));
const elsewhere = (): string => newOwner().replace(/-[0-9a-f]{12}-/, '-0123456789ab-');
const place = (): string => join(folder, '.x.tfmot-lock');

/** Puts a lock, or anything like it, into the folder. */
async function plant(path: string, owner: string, secondsOld = 0): Promise<void> {
  await mkdir(path, {recursive: true});
  await writeFile(join(path, owner), '');
  const then = Date.now() / 1000 - secondsOld;
  await utimes(join(path, owner), then, then);
}

test('one task at a time, through every way to the folder', async () => {
  await mkdir(join(folder, 'real'));
  await symlink(join(folder, 'real'), join(folder, 'link'));
  const ways = [
    join(folder, 'real'),
    join(folder, 'link'),
    relative('.', join(folder, 'real')),
    `${folder}/link/../real/`,
  ];
  let running = 0;
  const order: number[] = [];
  await Promise.all(
    ways.map((way, index) =>
      whileLocked(way, 'x', async lock => {
        expect(lock.folder).toBe(await realpath(join(folder, 'real')));
        expect(++running).toBe(1);
        await turn();
        order.push(index);
        running--;
      }),
    ),
  );
  expect(order.sort()).toEqual([0, 1, 2, 3]);
  expect(await readdir(join(folder, 'real'))).toEqual([]);
});

test('many processes at once, each of which finds a lock whose owner is gone', async () => {
  const lockers = await Promise.all(Array.from({length: 6}, another));
  let running = 0;
  let ran = 0;
  await plant(place(), dead());
  await Promise.all(
    lockers.map(async locked => {
      for (let round = 0; round < 8; round++) {
        await locked(folder, 'x', async lock => {
          expect(++running).toBe(1);
          await turn();
          await lock.check();
          running--;
          ran++;
          // As if this one had ended without releasing its lock.
          const [name] = await readdir(place());
          await rename(join(place(), name!), join(place(), dead()));
        });
      }
    }),
  );
  expect(ran).toBe(48);
});

test.each([
  ['a process that ended', dead, 0],
  ['another host, half a minute ago', elsewhere, 31],
  ['another host, by a clock that was set back', elsewhere, -31],
  ['this process, which has stopped', newOwner, 31],
  ['nobody', () => 'Thumbs.db', 31],
])('a lock of %s is taken over', async (_, owner, secondsOld) => {
  await plant(place(), owner(), secondsOld);
  expect(await whileLocked(folder, 'x', async () => 'ran')).toBe('ran');
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['another host', elsewhere],
  ['this process', newOwner],
  ['a process that runs', () => newOwner().replace(/^\d+/, String(process.ppid))],
])('a lock of %s is waited for', async (_, owner) => {
  const other = owner();
  await plant(place(), other, 20);
  let ran = false;
  const task = whileLocked(folder, 'x', async () => {
    ran = true;
  });
  await sleep(100);
  expect(ran).toBe(false);
  await unlink(join(place(), other));
  await task;
  expect(ran).toBe(true);
});

test('what owners left who are gone is removed, and nothing else', async () => {
  const [living, gone] = [elsewhere(), dead()];
  await plant(`${place()}-${living}`, living);
  await plant(`${place()}-${gone}`, gone);
  await mkdir(`${place()}-${dead()}`);
  for (const owner of [living, gone]) await writeFile(`${place()}-${owner}-0.tmp`, '');
  const kept = [
    '.x.tfmot-lock-mine.tmp',
    '.y.tfmot-lock',
    `.y.tfmot-lock-${gone}-0.tmp`,
    `.x.tfmot-lock-${gone}.journal`,
    'x',
  ];
  for (const name of kept) await writeFile(join(folder, name), '');
  await whileLocked(folder, 'x', async () => undefined);
  expect((await readdir(folder)).sort()).toEqual([...kept, `.x.tfmot-lock-${living}`].sort());
});

test('an owner that lost its lock notices, and leaves the lock to the other', async () => {
  const other = elsewhere();
  await whileLocked(folder, 'x', async lock => {
    await lock.check();
    const [mine] = await readdir(place());
    await plant(place(), other);
    await unlink(join(place(), mine!));
    await expect(lock.check()).rejects.toMatchObject({code: 'write-failed'});
  });
  expect(await readdir(place())).toEqual([other]);
});

test('an owner shows every five seconds that it is there', async () => {
  vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
  await whileLocked(folder, 'x', async () => {
    const [owner] = await readdir(place());
    const sign = join(place(), owner!);
    const age = async (): Promise<number> => Date.now() - (await stat(sign)).mtimeMs;
    for (let beats = 0; beats < 3; beats++) {
      await utimes(sign, 1, 1);
      vi.advanceTimersByTime(5_000);
      while ((await age()) > 20_000) await sleep(5);
    }
  });
});

test('a lock is fresh when it comes into place, however long that took', async () => {
  vi.useFakeTimers({toFake: ['performance']});
  const other = elsewhere();
  await plant(place(), other);
  const task = whileLocked(folder, 'x', async () => {
    const [owner] = await readdir(place());
    return Date.now() - (await stat(join(place(), owner!))).mtimeMs;
  });
  const waiting = await waitingOwner();
  const sign = join(`${place()}-${waiting}`, waiting);
  await utimes(sign, 1, 1);
  vi.advanceTimersByTime(6_000);
  // A turn that had looked at the clock before may be under way: the next one makes the lock fresh.
  while ((await stat(sign).catch(() => undefined))?.mtimeMs === 1000) await sleep(1);
  await unlink(join(place(), other));
  expect(await task).toBeLessThan(20_000);
});

/** The owner of the lock that waits for its place, once it has shown itself. */
async function waitingOwner(): Promise<string> {
  for (;;) {
    for (const name of await readdir(folder)) {
      const owner = name.slice('.x.tfmot-lock-'.length);
      if (name.startsWith('.x.tfmot-lock-') && (await readFile(join(folder, name, owner), 'utf8').catch(() => '')))
        return owner;
    }
    await sleep(1);
  }
}

test('a waiting lock that another process has tidied away is made again', async () => {
  const other = elsewhere();
  await plant(place(), other);
  const task = whileLocked(folder, 'x', async () => 'ran');
  await rm(`${place()}-${await waitingOwner()}`, {recursive: true});
  await unlink(join(place(), other));
  expect(await task).toBe('ran');
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['x', '.x.tfmot-lock'],
  ['', '.tfmot-lock'],
])('the lock of %o is called %s', async (name, called) => {
  expect(await whileLocked(folder, name, () => readdir(folder))).toEqual([called]);
});

test('a task that fails leaves no lock, and no folder that was made for it', async () => {
  const failing = whileLocked(join(folder, 'a/b'), 'x', async () => {
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(await readdir(folder)).toEqual([]);
});

test('a task whose folder another one removes, having made it in vain, makes it again', async () => {
  const results = await Promise.allSettled(
    Array.from({length: 6}, (_, index) =>
      whileLocked(join(folder, 'a/b'), 'x', async (lock: Lock) => {
        if (index % 2 === 0) throw new Error('failed');
        await writeFile(join(lock.folder, String(index)), '');
      }),
    ),
  );
  expect(results.map(({status}) => status)).toEqual([0, 1, 2, 3, 4, 5].map(i => (i % 2 ? 'fulfilled' : 'rejected')));
  expect((await readdir(join(folder, 'a/b'))).sort()).toEqual(['1', '3', '5']);
});

test.each([
  ['a file', () => writeFile(place(), '')],
  ['a link', () => symlink(folder, place())],
])('%s in the place of the lock is an error', async (_, put) => {
  await put();
  await expect(whileLocked(folder, 'x', async () => undefined)).rejects.toThrow(/ENOTDIR|EEXIST/);
  expect(await readdir(folder)).toEqual(['.x.tfmot-lock']);
});

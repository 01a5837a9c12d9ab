import {chmod, mkdir, open, readdir, rmdir, stat, unlink} from 'node:fs/promises';
import {hostname} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {ifPossible, undefinedOn} from './fs-errors.ts';
import {isGone, OWNER_NAME} from './lock-owner.ts';

/** What the clock of a file system showed, which may be another machine's, and when, by `performance.now()`. */
export interface ClockReading {
  readonly fileTimeMs: number;
  readonly at: number;
}

/**
 * Prepares the folder that becomes the lock when it is renamed.
 *
 * @returns The file system's clock: the owner's first heartbeat.
 */
export async function prepareLock(candidate: string, owner: string): Promise<ClockReading> {
  await undefinedOn(['EEXIST'], mkdir(candidate));
  // Who may write in the folder around it may take the lock over; a sticky bit keeps its meaning.
  await ifPossible(stat(dirname(candidate)).then(({mode}) => chmod(candidate, mode & 0o1777)));
  return beat(candidate, owner, 'w');
}

/**
 * Shows that an owner is still there: writes its file again, which sets the file's time by the file system's clock.
 *
 * @throws `ENOENT` when another process has removed the file.
 */
export async function beat(lock: string, owner: string, flags: 'w' | 'r+' = 'r+'): Promise<ClockReading> {
  const file = await open(join(lock, owner), flags);
  try {
    await file.writeFile(JSON.stringify({pid: process.pid, host: hostname()}));
    return {fileTimeMs: (await file.stat()).mtimeMs, at: performance.now()};
  } finally {
    await file.close();
  }
}

/**
 * Removes the lock at `place` if its owner is gone. Only files of unique names are removed, and only an empty folder:
 * should another process get the lock at this moment, its lock stays.
 *
 * @returns Whether nobody holds the lock.
 */
export async function clearGone(place: string, clock: ClockReading): Promise<boolean> {
  for (const owner of (await undefinedOn(['ENOENT'], readdir(place))) ?? []) {
    if (!(await isAbandoned(join(place, owner), owner, clock))) return false;
    await undefinedOn(['ENOENT'], unlink(join(place, owner)));
  }
  await undefinedOn(['ENOENT', 'ENOTEMPTY', 'EEXIST'], rmdir(place));
  return true;
}

/** Removes what owners left who are gone: temporary files, and locks that never came into place. */
export async function removeLeftovers(place: string, clock: ClockReading): Promise<void> {
  const prefix = `${basename(place)}-`;
  for (const name of await readdir(dirname(place))) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    const owner = OWNER_NAME.exec(rest)?.[0];
    if (owner === undefined) continue;
    const path = join(dirname(place), name);
    // Only the holder of the lock writes temporary files, so those of others are nobody's.
    if (/^-\d+\.tmp$/.test(rest.slice(owner.length))) await ifPossible(unlink(path));
    if (rest !== owner) continue;
    if (!(await isAbandoned(join(path, owner), owner, clock)) || !(await isAbandoned(path, owner, clock))) continue;
    await ifPossible(unlink(join(path, owner)));
    await ifPossible(rmdir(path));
  }
}

async function isAbandoned(path: string, owner: string, clock: ClockReading): Promise<boolean> {
  const stats = await undefinedOn(['ENOENT', 'ENOTDIR'], stat(path));
  return stats === undefined || isGone(owner, clock.fileTimeMs + performance.now() - clock.at - stats.mtimeMs);
}

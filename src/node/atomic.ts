import {type FileHandle, lstat, open, realpath, rename, unlink} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {TfmotError} from '../errors.ts';
import {syncFolder} from './folders.ts';
import {ifPossible, undefinedOn} from './fs-errors.ts';
import {type Lock, whileLocked} from './lock.ts';
import {inTurn} from './queue.ts';
import {type FileStats, followsLinks, type LinkOptions, replaceable} from './regular-file.ts';

/** What a file holds: pieces that follow one another. */
type Parts = readonly (string | Uint8Array)[];

/**
 * Writes a file whole or not at all: beside its place, flushed to disk, then renamed. A process that dies at any
 * moment leaves the old file as it was, and the next write removes what it left. Writes to one file wait for each
 * other, within a process and across processes. Missing folders are made. The mode of a file that is replaced is kept.
 *
 * @param parts The contents, one after another.
 * @param options `followLinks`: whether a symbolic link at `path` is followed, and the file that it leads to replaced.
 *     By default it is refused. Links on the way to `path` are always followed.
 * @throws TfmotError `write-failed` when the file system refuses, or when something other than a regular file is at
 *     `path`; the old file is still there, and nothing else. `invalid-argument`.
 */
export async function writeFileAtomic(path: string, parts: Parts, options?: LinkOptions): Promise<void> {
  checkPath(path, 'writeFileAtomic');
  const followLinks = followsLinks(options, 'writeFileAtomic');
  await inOrder(path, () => replaceFile(path, parts, followLinks));
}

/**
 * Runs saves to one path in the order of their calls. The lock alone would let the last of them be overtaken while it
 * looks for its way.
 */
export const inOrder = <T>(path: string, save: () => Promise<T>): Promise<T> => inTurn(resolve(path), save);

/**
 * As `writeFileAtomic`, in any order.
 *
 * @returns When the file was written, by the clock of its file system.
 */
export async function replaceFile(path: string, parts: Parts, followLinks: boolean): Promise<Date> {
  return saving(path, async () => {
    const file = await placeToWrite(path, followLinks);
    return whileLocked(dirname(file), basename(file), async lock => {
      const target = join(lock.folder, basename(file));
      const date = await putFile(lock, target, parts, await replaceable(target));
      await syncFolder(lock.folder);
      return date;
    });
  });
}

/**
 * Where a file is written: `path`, or, with `followLinks`, what it leads to.
 *
 * @throws TfmotError `write-failed` when something other than a regular file is there.
 */
export async function placeToWrite(path: string, followLinks: boolean): Promise<string> {
  const file = followLinks ? await linkTarget(path) : path;
  await replaceable(file);
  return file;
}

/**
 * Puts a file into its place, whole or not at all.
 *
 * @param like What is replaced: the new file gets its mode and, where that is allowed, its owner.
 * @returns When the file was written, by the clock of its file system.
 */
export async function putFile(lock: Lock, path: string, parts: Parts, like: FileStats | undefined): Promise<Date> {
  const temporary = lock.temporary();
  let date: Date;
  try {
    const file = await open(temporary, 'wx', like === undefined ? 0o666 : 0o600);
    try {
      for (const part of parts) await file.writeFile(part);
      if (like !== undefined) await keepModeAndOwner(file, like);
      await file.sync();
      date = (await file.stat()).mtime;
    } finally {
      await file.close();
    }
    await lock.check();
    await rename(temporary, path);
    return date;
  } catch (error) {
    await ifPossible(unlink(temporary));
    throw error;
  }
}

/**
 * Runs what saves to `path` and nothing else.
 *
 * @throws TfmotError `write-failed`, whatever goes wrong.
 */
export async function saving<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof TfmotError && error.code === 'write-failed') throw error;
    const reason = (error as Error).message.replace(/\.$/, '');
    throw new TfmotError('write-failed', `Could not write ${path}: ${reason}. What was there before is unchanged.`, {
      cause: error,
    });
  }
}

/** @throws TfmotError `invalid-argument` when `path` cannot be the path of a file. */
export function checkPath(path: unknown, caller: string): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new TfmotError('invalid-argument', `${caller} takes a path as its first argument, but got ${String(path)}.`);
}

async function linkTarget(path: string): Promise<string> {
  const real = await undefinedOn(['ENOENT'], realpath(path));
  if (real !== undefined) return real;
  if ((await undefinedOn(['ENOENT'], lstat(path))) === undefined) return path;
  throw new TfmotError('write-failed', `${path} is a symbolic link that leads nowhere. Remove it, or make its target.`);
}

async function keepModeAndOwner(file: FileHandle, like: FileStats): Promise<void> {
  const own = await file.stat({bigint: true});
  if (own.uid !== like.uid || own.gid !== like.gid) await ifPossible(file.chown(Number(like.uid), Number(like.gid)));
  await file.chmod(Number(like.mode) & 0o777);
}

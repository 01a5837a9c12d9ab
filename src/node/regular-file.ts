import type {BigIntStats} from 'node:fs';
import {constants, type FileHandle, lstat, open, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {codeOf} from './fs-errors.ts';

/** What the file system knows of a file. */
export type FileStats = BigIntStats;

/** What to do about symbolic links. */
export interface LinkOptions {
  /** Whether symbolic links to regular files are followed; by default they are refused. */
  readonly followLinks?: boolean;
}

/** A file that was a regular one when it was looked at, and what it was. */
export interface SeenFile {
  readonly folder: string;
  readonly name: string;
  readonly followLinks: boolean;
  readonly stats: FileStats;
}

/** A regular file that is open, and what it was when it was opened. */
export interface OpenFile {
  readonly path: string;
  readonly stats: FileStats;
  readonly handle: FileHandle;
}

/** How often another file may take the place of one that is about to be opened, as saves have it do. */
const TRIES = 100;

/**
 * Whether links are to be followed.
 *
 * @throws TfmotError `invalid-argument` for an unknown option, or `followLinks` that is not a boolean.
 */
export function followsLinks(options: LinkOptions | undefined, caller: string): boolean {
  checkOptionNames(options, ['followLinks'], caller);
  const followLinks = options?.followLinks ?? false;
  if (typeof followLinks === 'boolean') return followLinks;
  throw new TfmotError('invalid-argument', `followLinks must be true or false, but is ${JSON.stringify(followLinks)}.`);
}

/**
 * Looks at a file in a folder without opening it, since opening a FIFO waits and opening a device may do anything.
 *
 * @param folder Taken as it is: it may be a link, or lie behind one.
 * @param name A path inside the folder. Without `followLinks` no part of it may be a symbolic link.
 * @throws TfmotError `file-not-found`; `read-failed` when it is not a regular file.
 */
export async function lookAt(folder: string, name: string, followLinks: boolean): Promise<SeenFile> {
  const path = join(folder, name);
  try {
    // The file first and the folders on its way after it: who swaps one for a link has to swap it back in between.
    const stats = await (followLinks ? stat : lstat)(path, {bigint: true});
    if (!followLinks) await refuseLinks(folder, dirname(name));
    if (!stats.isFile()) throw notRegular(path, stats);
    return {folder, name, followLinks, stats};
  } catch (error) {
    throw readError(path, error);
  }
}

/**
 * Opens a file that was looked at; if another one has taken its place, that one, after a look at it.
 *
 * @throws TfmotError `file-not-found`; `read-failed` when it is no regular file any more.
 */
export async function openSeen(seen: SeenFile): Promise<OpenFile> {
  const {folder, name, followLinks} = seen;
  const path = join(folder, name);
  for (let {stats} = seen, tries = 1; tries <= TRIES; tries++) {
    const file = await openUnlessSwapped(path, stats, followLinks);
    if (file !== undefined) return file;
    stats = (await lookAt(folder, name, followLinks)).stats;
  }
  throw new TfmotError('read-failed', `Other files keep taking the place of ${path}. Try again when it rests.`);
}

async function openUnlessSwapped(path: string, seen: FileStats, followLinks: boolean): Promise<OpenFile | undefined> {
  // Should a FIFO have taken the file's place, O_NONBLOCK returns instead of waiting. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0));
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    const stats = await handle.stat({bigint: true});
    // On Windows one file can have two numbers of its device, depending on how it is asked for them.
    const same = stats.ino === seen.ino && (stats.dev === seen.dev || process.platform === 'win32');
    if (same && stats.isFile()) return {path, stats, handle};
  } catch (error) {
    await handle?.close();
    throw readError(path, error);
  }
  await handle.close();
  return undefined;
}

/**
 * What a save is about to replace.
 *
 * @returns undefined when there is nothing.
 * @throws TfmotError `write-failed` when it is not a regular file.
 */
export async function replaceable(path: string): Promise<FileStats | undefined> {
  const stats = await lstat(path, {bigint: true}).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined || stats.isFile()) return stats;
  const advice = stats.isSymbolicLink()
    ? 'Name the file that it leads to, or set followLinks: true to replace that one.'
    : 'Only regular files are replaced: choose another path.';
  throw new TfmotError('write-failed', `${path} is ${kindOf(stats)}. ${advice}`);
}

async function refuseLinks(folder: string, inside: string): Promise<void> {
  if (inside === '.' || inside === '') return;
  await refuseLinks(folder, dirname(inside));
  const path = join(folder, inside);
  const stats = await lstat(path, {bigint: true});
  if (stats.isSymbolicLink()) throw notRegular(path, stats);
}

function notRegular(path: string, stats: FileStats): TfmotError {
  const advice = stats.isSymbolicLink()
    ? 'It could lead anywhere: set followLinks: true if you trust it.'
    : 'Only regular files are read.';
  return new TfmotError('read-failed', `${path} is ${kindOf(stats)}. ${advice}`);
}

function kindOf(stats: FileStats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** An error of the file system while `path` was being read, as this library's. */
export function readError(path: string, error: unknown): TfmotError {
  if (error instanceof TfmotError) return error;
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error))
    ? new TfmotError('file-not-found', `There is no file ${path}.`, {cause: error})
    : new TfmotError('read-failed', `Could not read ${path}: ${(error as Error).message}.`, {cause: error});
}

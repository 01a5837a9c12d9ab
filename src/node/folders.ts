import {mkdir, open, rmdir, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {codeOf, ifPossible, undefinedOn} from './fs-errors.ts';

/**
 * Makes a folder and those above it that are missing, so that they survive a power cut. Node's own recursive `mkdir`
 * never returns where a file system, such as `/proc`, answers that a folder in an existing folder has no parent.
 *
 * @param made Takes the folders that this call made, outermost first, also those made before an error.
 */
export async function makeFolders(path: string, made: string[]): Promise<void> {
  if ((await undefinedOn(['ENOENT'], stat(path)))?.isDirectory()) return;
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await undefinedOn(['ENOENT'], stat(path)))?.isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path), made);
    await undefinedOn(['EEXIST'], mkdir(path));
  }
  made.push(path);
  await syncFolder(dirname(path));
}

/** Removes those of `made` that are empty, innermost first. */
export async function unmakeFolders(made: readonly string[]): Promise<void> {
  for (const path of [...made].reverse()) await ifPossible(rmdir(path));
}

/**
 * Makes renames and new files in a folder survive a power cut. Windows cannot open a folder and some file systems
 * cannot flush one: there the rename alone has to do.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await ifPossible(open(folder, 'r'));
  if (handle === undefined) return;
  await ifPossible(handle.sync());
  await ifPossible(handle.close());
}

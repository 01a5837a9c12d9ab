import {mkdir, open, readdir, rename, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {TfmotError} from '../errors.ts';

/** How the name of a file that is still being written ends. */
export const TEMPORARY_SUFFIX = '.tfmot-tmp';

let written = 0;

/**
 * Writes a file whole or not at all: beside its place, flushed to disk, then renamed. A process that dies at any
 * moment leaves the old file as it was, and the next write removes what it left. Missing folders are made. One process
 * may write a file at a time.
 *
 * @param parts The contents, one after another.
 * @throws TfmotError `write-failed` when the file system refuses; the old file is still there.
 */
export async function writeFileAtomic(path: string, parts: readonly (string | Uint8Array)[]): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  const temporary = join(folder, `${prefix}${process.pid}-${written++}${TEMPORARY_SUFFIX}`);
  try {
    await mkdir(folder, {recursive: true});
    const file = await open(temporary, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
    for (const name of await readdir(folder)) {
      if (name.startsWith(prefix) && name.endsWith(TEMPORARY_SUFFIX)) await rm(join(folder, name), {force: true});
    }
  } catch (error) {
    await rm(temporary, {force: true}).catch(() => undefined);
    throw new TfmotError(
      'write-failed',
      `Could not write ${path}: ${(error as Error).message}. What was there before is unchanged.`,
      {cause: error},
    );
  }
}

/** Makes a rename survive a power cut. Some systems cannot open a folder: there the rename alone has to do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch {
    // Not every file system flushes folders.
  } finally {
    await handle?.close();
  }
}

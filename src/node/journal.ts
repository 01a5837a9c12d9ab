import {readdir, stat, unlink} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {putFile} from './atomic.ts';
import {undefinedOn} from './fs-errors.ts';
import type {Lock} from './lock.ts';
import {MAX_JSON_BYTES} from './manifest.ts';
import {readRegular} from './read-file.ts';
import {shardNamesIn} from './shards.ts';

/**
 * Notes which weight files a save may leave without a model: those it is about to make, should it fail, and those of
 * the model it replaces, should it not. `settleJournals` reads it, if need be in the next process that saves.
 */
export async function writeJournal(lock: Lock, names: readonly string[]): Promise<void> {
  if (names.length > 0) await putFile(lock, lock.journal(), [names.join('\n')], undefined);
}

/**
 * Removes the weight files that journals in the lock's folder note and that no `.json` of the folder names, then the
 * journals. While this process holds the lock they are its own, or those of processes that are gone.
 *
 * @throws When a file cannot be read or removed: its journal stays for the next save.
 */
export async function settleJournals(lock: Lock): Promise<void> {
  const names = await readdir(lock.folder);
  const isJournal = (name: string): boolean => name.startsWith(basename(lock.prefix)) && name.endsWith('.journal');
  const journals = names.filter(isJournal);
  const noted = new Set<string>();
  for (const journal of journals) {
    const {bytes} = await readRegular(lock.folder, journal, false, MAX_JSON_BYTES);
    for (const name of shardNamesIn(bytes)) noted.add(name);
  }
  const there = names.filter(name => noted.has(name));
  const needed = there.length > 0 ? await neededShards(lock.folder, names) : noted;
  for (const name of there) {
    if (needed.has(name)) continue;
    // Whoever takes over might want the file: only a pause between these two lines could go unnoticed.
    await lock.check();
    await undefinedOn(['ENOENT'], unlink(join(lock.folder, name)));
  }
  for (const journal of journals) await unlink(join(lock.folder, journal));
}

/** Weight files that some `.json` of a folder names, whatever it is. One too large to be loaded names none. */
async function neededShards(folder: string, names: readonly string[]): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const name of names) {
    if (!name.endsWith('.json')) continue;
    const stats = await undefinedOn(['ENOENT', 'ELOOP'], stat(join(folder, name)));
    if (!stats?.isFile() || stats.size > MAX_JSON_BYTES) continue;
    for (const shard of shardNamesIn((await readRegular(folder, name, true)).bytes)) needed.add(shard);
  }
  return needed;
}

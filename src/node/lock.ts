import {realpath, rename, rmdir, stat, unlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {TfmotError} from '../errors.ts';
import {makeFolders, unmakeFolders} from './folders.ts';
import {codeOf, ifPossible, undefinedOn} from './fs-errors.ts';
import {beat, clearGone, prepareLock, removeLeftovers} from './lock-folder.ts';
import {newOwner} from './lock-owner.ts';
import {inTurn} from './queue.ts';

// The lock is a folder that holds one file, named after its owner. An owner prepares such a folder under a name of its
// own and renames it into place, which the file system refuses while the place holds a folder that is not empty: one
// process gets it, whole. Who takes over removes the gone owner's file by its unique name, and so can never remove the
// lock of another process that was faster.

/** How often an owner shows that it is still there. */
const HEARTBEAT_MS = 5_000;
const LONGEST_WAIT_MS = 50;
/** How often a folder may vanish, or a free place refuse the lock, before that is taken for an error. */
const TRIES = 50;
/** What `rename` says when another owner has the place. */
const TAKEN: readonly string[] = ['ENOTEMPTY', 'EEXIST'];
/** What it says then on Windows, and elsewhere when renaming is not allowed at all. */
const PERHAPS_TAKEN: readonly string[] = ['EPERM', 'EACCES'];
const LONGEST_NAME = 100;

/** The right to save to one place, held by one caller of all processes of all hosts. */
export interface Lock {
  /** The real path of the folder in which the lock lies. */
  readonly folder: string;
  /** The path, without its end, of every file that owners of this lock put beside it. */
  readonly prefix: string;
  /** A path beside the lock for a file that is removed if this owner ends early. */
  temporary(): string;
  /** A path beside the lock for what the next owner must know if this one ends early. */
  journal(): string;
  /** @throws TfmotError `write-failed` when another process has taken over. */
  check(): Promise<void>;
}

/**
 * Runs a task that no other call runs at the same time for this place: within this process, calls queue; other
 * processes, also of other hosts that share the file system, are kept out by a lock in the folder. A lock whose owner
 * is gone is taken over, and the owner's temporary files are removed. Missing folders are made, and removed again when
 * the task fails.
 *
 * @param folder Where the lock lies. Its real path counts, not the way to it.
 * @param name What is locked in it: the name of a file; empty for the folder as a whole.
 */
export async function whileLocked<T>(folder: string, name: string, task: (lock: Lock) => Promise<T>): Promise<T> {
  const made: string[] = [];
  try {
    const place = join(await inFolder(folder, made, () => realpath(folder)), lockName(name));
    return await inTurn(place, async () => {
      const {lock, release} = await acquire(place, made);
      try {
        return await task(lock);
      } finally {
        await release();
      }
    });
  } catch (error) {
    await unmakeFolders(made);
    throw error;
  }
}

/** Long names are cut, so that the names beside the lock stay below the 255 bytes that file systems allow. */
function lockName(name: string): string {
  const bytes = Buffer.from(name);
  const short = bytes.length <= LONGEST_NAME ? name : bytes.toString('hex', bytes.length - LONGEST_NAME / 2);
  return `${short === '' ? '' : `.${short}`}.tfmot-lock`;
}

/** Makes a folder and acts in it, again if another save that failed has just removed it. */
async function inFolder<T>(folder: string, made: string[], action: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    await makeFolders(folder, made);
    try {
      return await action();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === TRIES) throw error;
    }
  }
}

interface Held {
  readonly lock: Lock;
  readonly release: () => Promise<void>;
}

async function acquire(place: string, made: string[]): Promise<Held> {
  const owner = newOwner();
  const candidate = `${place}-${owner}`;
  const prepare = () => inFolder(dirname(place), made, () => prepareLock(candidate, owner));
  try {
    let clock = await prepare();
    let refusals = 0;
    for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      // A lock must be fresh when it comes into place, however long that took.
      if (performance.now() - clock.at > HEARTBEAT_MS) {
        clock = (await undefinedOn(['ENOENT'], beat(candidate, owner))) ?? (await prepare());
      }
      const error = await rename(candidate, place).catch((reason: unknown) => reason);
      if (error === undefined || (await isHeld(place, owner))) break; // Network file systems may do it and say no.
      const code = codeOf(error);
      if (code === 'ENOENT') clock = await prepare();
      else if (!TAKEN.includes(code) && !PERHAPS_TAKEN.includes(code)) throw error;
      const free = await clearGone(place, clock);
      refusals = free && !TAKEN.includes(code) ? refusals + 1 : 0;
      if (refusals > TRIES) throw error;
      await sleep(wait);
    }
    await ifPossible(removeLeftovers(place, clock));
  } catch (error) {
    await ifPossible(unlink(join(candidate, owner)));
    await ifPossible(rmdir(candidate));
    throw error;
  }
  return held(place, owner);
}

const isHeld = async (place: string, owner: string): Promise<boolean> =>
  (await undefinedOn(['ENOENT', 'ENOTDIR'], stat(join(place, owner)))) !== undefined;

function held(place: string, owner: string): Held {
  let beating: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    beating = ifPossible(beat(place, owner));
  }, HEARTBEAT_MS);
  timer.unref();
  let files = 0;
  const lock: Lock = {
    folder: dirname(place),
    prefix: `${place}-`,
    temporary: () => `${place}-${owner}-${files++}.tmp`,
    journal: () => `${place}-${owner}.journal`,
    check: async () => {
      if (await isHeld(place, owner)) return;
      throw new TfmotError(
        'write-failed',
        `Another process took over saving to ${dirname(place)}, since this one gave no sign of life for 30 s. Save again.`,
      );
    },
  };
  const release = async () => {
    clearInterval(timer);
    await beating;
    await ifPossible(unlink(join(place, owner)));
    await ifPossible(rmdir(place));
  };
  return {lock, release};
}

import {basename, dirname} from 'node:path';
import {TfmotError} from '../errors.ts';
import {type FileStats, lookAt, type OpenFile, openSeen, readError} from './regular-file.ts';

/** The bytes of a file and which file they came from. */
export interface FileContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stats: FileStats;
}

/**
 * Fills `target` from the start of an open file.
 *
 * @throws TfmotError `corrupt-file` when the file is shorter; `read-failed`.
 */
export async function readInto(target: Uint8Array, {handle, path}: OpenFile): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const {bytesRead} = await handle.read(target, at, target.length - at, at).catch(error => {
      throw readError(path, error);
    });
    if (bytesRead === 0) throw new TfmotError('corrupt-file', `${path} was cut while it was being read.`);
    at += bytesRead;
  }
}

/**
 * Reads a regular file in a folder.
 *
 * @param maxBytes The largest size that is read.
 * @throws TfmotError `file-not-found`; `read-failed`, also when it is not a regular file or too large.
 */
export async function readRegular(
  folder: string,
  name: string,
  followLinks: boolean,
  maxBytes: number = Number.POSITIVE_INFINITY,
): Promise<FileContent> {
  const file = await openSeen(await lookAt(folder, name, followLinks));
  try {
    const {stats} = file;
    if (stats.size > maxBytes) {
      throw new TfmotError('read-failed', `${file.path} must have at most ${maxBytes} bytes, but has ${stats.size}.`);
    }
    const bytes = allocate(Number(stats.size), file.path);
    await readInto(bytes, file);
    return {bytes, stats};
  } finally {
    await file.handle.close();
  }
}

/**
 * Reads a regular file that the user names, so that a symbolic link is meant and followed.
 *
 * @throws TfmotError `file-not-found`; `read-failed`.
 */
export async function readNamed(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return (await readRegular(dirname(path), basename(path), true)).bytes;
}

/**
 * So many bytes.
 *
 * @throws TfmotError `memory-limit` when there is no such memory.
 */
export function allocate(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (error) {
    throw new TfmotError('memory-limit', `${path} holds ${length} bytes, which do not fit into one array here.`, {
      cause: error,
    });
  }
}

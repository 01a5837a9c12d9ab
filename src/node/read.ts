import {readFile} from 'node:fs/promises';
import {TfmotError} from '../errors.ts';

/**
 * The bytes of a file.
 *
 * @throws TfmotError `file-not-found` or `read-failed`, naming the path.
 */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw missing
      ? new TfmotError('file-not-found', `There is no file ${path}.`, {cause: error})
      : new TfmotError('read-failed', `Could not read ${path}: ${(error as Error).message}.`, {cause: error});
  }
}

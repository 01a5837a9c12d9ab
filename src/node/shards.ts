import {createHash} from 'node:crypto';
import {basename} from 'node:path';

/** Browsers cache files of this size well; it is also what TensorFlow.js' own tools write. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** Names of weight files, wherever they stand in a text. */
const NAMES = /weights-([0-9a-f]{16})(?:-\d{1,4})?\.bin/g;
const NAME = new RegExp(`^${NAMES.source}$`);

/** A piece of a model's weights and the name of its file, which says what it holds. */
export interface Shard {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Cuts weights into files of at most 4 MiB, named by what they hold. A piece that occurs again gets a number as well,
 * since a model names no file twice.
 */
export function cutIntoShards(bytes: Uint8Array): Shard[] {
  const shards: Shard[] = [];
  const times = new Map<string, number>();
  for (let start = 0; start < bytes.length; start += SHARD_BYTES) {
    const shard = bytes.subarray(start, start + SHARD_BYTES);
    const digest = digestOf(shard);
    const time = (times.get(digest) ?? 0) + 1;
    times.set(digest, time);
    shards.push({name: `weights-${digest}${time === 1 ? '' : `-${time}`}.bin`, bytes: shard});
  }
  return shards;
}

/** Whether a file that this library may have written holds what its name says. Files of other names always do. */
export function holdsWhatItSays(path: string, bytes: Uint8Array): boolean {
  const digest = NAME.exec(basename(path))?.[1];
  return digest === undefined || digest === digestOf(bytes);
}

/** The names of weight files of this library that a text mentions, such as that of a `model.json`. */
export const shardNamesIn = (text: Uint8Array): Set<string> =>
  new Set(Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1').match(NAMES) ?? []);

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

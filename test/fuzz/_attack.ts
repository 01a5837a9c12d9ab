import {decompress} from '../../src/compression/index.ts';
import {isTfmotError} from '../../src/errors.ts';
import type {Random} from '../../testing/seeded.ts';
import {mutated} from './_mutations.ts';

/** What became of a run of mutated files. */
export interface Toll {
  readonly files: number;
  /** Refused with a TfmotError, by its code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly decoded: number;
  readonly slowestMs: number;
  /** The most bytes of weights a decoded file had, over what its size allows. */
  readonly largestShare: number;
}

/**
 * Decodes `count` mutated files.
 *
 * @throws Error on the first file that does anything but decode or throw a TfmotError; it holds the file as base64.
 */
export async function attack(files: readonly Uint8Array[], count: number, random: Random): Promise<Toll> {
  const refused: Record<string, number> = {};
  let decoded = 0;
  let slowestMs = 0;
  let largestShare = 0;
  for (let i = 0; i < count; i++) {
    const file = mutated(files, random);
    const started = performance.now();
    try {
      const {weightData} = await decompress(file);
      decoded++;
      largestShare = Math.max(largestShare, (weightData as ArrayBuffer).byteLength / 256_000_000);
    } catch (error) {
      if (!isTfmotError(error)) {
        throw new Error(`file ${i} must decode or be refused: ${Buffer.from(file).toString('base64')}`, {cause: error});
      }
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return {files: count, refused, decoded, slowestMs, largestShare};
}

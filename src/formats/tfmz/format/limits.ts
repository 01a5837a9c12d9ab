import {TfmotError} from '../../../errors.ts';
import {show} from '../../../show.ts';

/** What decoding a file may cost. */
export interface Limits {
  /** Decisions of the coder, as `coder/costs.ts` counts them: a weight of zero is one, one of 90 % zeros about 1.6. */
  readonly maxDecisions: number;
  /** Bytes of weights. */
  readonly maxBytes: number;
}

/** The names of {@link Limits}. */
export const LIMIT_NAMES: readonly (keyof Limits)[] = ['maxDecisions', 'maxBytes'];

/** Files up to this size have the base limits; each further byte adds a little. */
const BASE_FILE_BYTES = 1_000_000;
/** 32 million weights, of which one in ten is kept. */
const BASE_DECISIONS = 50_000_000;
/** A mask of 1 % costs 70 decisions a byte; masks that are emptier, less than twice as many. */
const DECISIONS_A_BYTE = 128;
const BASE_BYTES = 256_000_000;
/** As many float32 words as decisions. */
const BYTES_A_BYTE = 512;

/**
 * The limits of a file of `fileBytes` where the caller sets none: no more than an honest model of that size needs, so
 * that a hostile one costs no more than that.
 */
export function defaultLimits(fileBytes: number): Limits {
  const further = Math.max(0, fileBytes - BASE_FILE_BYTES);
  return {
    maxDecisions: BASE_DECISIONS + DECISIONS_A_BYTE * further,
    maxBytes: BASE_BYTES + BYTES_A_BYTE * further,
  };
}

/** @throws TfmotError `memory-limit` when `bytes` of weights are more than `maxBytes`. */
export function checkBytes(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw tooMuch('maxBytes', maxBytes, 'bytes of weights', bytes);
}

/** The error for a file that needs more than a limit allows; without `needed` nobody knows how much more. */
export function tooMuch(option: keyof Limits, limit: number, what: string, needed?: number): TfmotError {
  return new TfmotError(
    'memory-limit',
    `The .tfmz file must take at most ${limit} ${what} (${option}), but takes ${needed ?? 'more'}. If you trust it, pass a larger ${option}.`,
  );
}

/** The error for a file whose weights the platform has no memory for. */
export function outOfMemory(bytes: number, cause: unknown): TfmotError {
  return new TfmotError(
    'memory-limit',
    `The .tfmz file takes ${bytes} bytes of weights, but so much memory could not be had. maxBytes refuses such files early.`,
    {cause},
  );
}

/**
 * The limits that are given.
 *
 * @throws TfmotError `invalid-argument` unless they are numbers from 0.
 */
export function givenLimits(given: Partial<Limits>): Partial<Limits> {
  const limits: {-readonly [K in keyof Limits]?: number} = {};
  for (const name of LIMIT_NAMES) {
    const limit = given[name];
    if (limit === undefined) continue;
    if (typeof limit !== 'number' || !(limit >= 0))
      throw new TfmotError(
        'invalid-argument',
        `${name} must be a number from 0, Infinity for none, but is ${show(limit)}.`,
      );
    limits[name] = limit;
  }
  return limits;
}

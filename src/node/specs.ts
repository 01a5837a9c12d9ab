import type {WeightSpec} from '../artifacts/artifacts.ts';
import {DTYPES} from '../artifacts/dtypes.ts';
import {checkSpecs, placeSpecs, stringBytesAt} from '../artifacts/specs.ts';
import {TfmotError} from '../errors.ts';

/** What the specs of weights say about the bytes of their files. */
export interface ExpectedBytes {
  /** Bytes of all weights whose length the specs say. */
  readonly least: number;
  /** Whether that is all: weights of strings say only in the data how long they are. */
  readonly exact: boolean;
}

/**
 * Checks what a model says about its weights.
 *
 * @param subject How the message of an error starts, such as `model.json cannot be read`.
 * @throws TfmotError `invalid-model`, naming the first thing that is wrong.
 */
export function expectedBytes(specs: readonly WeightSpec[], subject: string): ExpectedBytes {
  const checked = named(subject, () => checkSpecs(specs));
  const sizes = checked.map(({stored, elements}) => elements * DTYPES[stored].words * DTYPES[stored].wordBytes);
  return {
    least: sizes.reduce((sum, size) => sum + size, 0),
    exact: checked.every(({stored}) => stored !== 'string'),
  };
}

/**
 * Checks that weight data is as long as its specs say, strings included.
 *
 * @throws TfmotError `invalid-model`.
 */
export function checkLength(specs: readonly WeightSpec[], bytes: Uint8Array, subject: string): void {
  const placed = named(subject, () => placeSpecs(specs, (elements, from) => stringBytesAt(bytes, elements, from)));
  const expected = placed.at(-1)?.to ?? 0;
  if (bytes.length === expected) return;
  throw new TfmotError(
    'invalid-model',
    `${subject}: The weight specs describe ${expected} bytes, but weightData holds ${bytes.length}.`,
  );
}

/** Puts the file, or what is done, before the message of an error. */
function named<T>(subject: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new TfmotError('invalid-model', `${subject}: ${(error as Error).message}`, {cause: error});
  }
}

import {type ErrorCode, isTfmotError} from 'tfjs-model-optimization';
import {expect} from 'vitest';

// biome-ignore lint/suspicious/noExplicitAny: wrong values are the point
export type Wrong = any;

/** Expects `run` to throw, or to reject with, a TfmotError of this code and message. */
export async function expectError(run: () => unknown, code: ErrorCode, message: RegExp): Promise<void> {
  const error = await thrown(run);
  expect(isTfmotError(error), String(error)).toBe(true);
  expect(error).toMatchObject({code, message: expect.stringMatching(message)});
}

async function thrown(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

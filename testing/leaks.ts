import {engine} from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, expect} from 'vitest';

/** The check of the test that runs. */
export interface LeakCheck {
  /** From here on the running test must leave exactly `count` tensors; a comment says whose they are. */
  expect(count: number): void;
  /**
   * Begins anew in the running test: what is left so far does not count, such as that of a training that had to fail.
   */
  restart(): void;
}

/**
 * Makes every test of a file, or of the `describe` it is called in, fail unless it leaves as many tensors as it found.
 * It stands before all other hooks, so that tensors they make and dispose of for each test count as that test's.
 */
export function checkLeaks(): LeakCheck {
  let found = 0;
  let left = 0;
  // As in tf.memory(), which starts a backend to ask it for more.
  const count = (): number => engine().state.numTensors;
  const restart = (): void => {
    found = count();
    left = 0;
  };
  beforeEach(restart);
  afterEach(() => {
    expect(count() - found, 'tensors that the test leaves').toBe(left);
  });
  return {
    expect: tensors => {
      left = tensors;
    },
    restart,
  };
}

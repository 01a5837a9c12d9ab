import {expect, test} from 'vitest';
import {checkIndices} from './feed.ts';

test.each([
  [0, 1],
  [0, 7],
  [6, 7],
  [6.9, 7],
  [-0, 7],
  [-0.9, 7],
])('index %f is in a table of %i', (index, entries) => {
  expect(() => checkIndices('tokens', Float32Array.of(0, index), entries)).not.toThrow();
});

test.each([
  [-1, 7],
  [7, 7],
  [1, 1],
  [Number.NaN, 7],
  [Number.POSITIVE_INFINITY, 7],
  [Number.NEGATIVE_INFINITY, 7],
])('index %f is not in a table of %i', (index, entries) => {
  for (const [at, list] of [[index], [0, 0, index]].entries()) {
    const wrong = at === 0 ? 0 : 2;
    expect(() => checkIndices('tokens', list, entries)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: `Input 'tokens' must hold indices from 0 to ${entries - 1}, but number ${wrong} is ${index}.`,
      }),
    );
  }
});

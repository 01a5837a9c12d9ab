import {type Tensor, zeros} from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {checkLeaks} from './leaks.ts';

describe('tensors', () => {
  const leaks = checkLeaks();
  let own: Tensor;
  beforeEach(() => {
    own = zeros([2]);
  });
  afterEach(() => {
    own.dispose();
  });

  test('that hooks make and dispose of do not count', () => {
    expect(own.shape).toEqual([2]);
  });

  test.fails('that a test leaves fail it', () => {
    zeros([1]);
  });

  test('that a test leaves may be declared', () => {
    zeros([1]);
    leaks.expect(1);
  });

  test.fails('that are declared must be left: the declaration holds exactly', () => {
    leaks.expect(1);
  });

  test.fails('are not declared for the next test', () => {
    zeros([1]);
  });
});

describe('after a restart, tensors', () => {
  const leaks = checkLeaks();

  test('that were left before do not count', () => {
    zeros([1]);
    leaks.restart();
  });

  test.fails('that are left do', () => {
    leaks.restart();
    zeros([1]);
  });
});

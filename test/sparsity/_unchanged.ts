import type * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, expect} from 'vitest';
import {configOf, weightsOf} from './_training.ts';

/** Makes every test of a file fail that changes the configuration or a weight of a model. */
export function checkUnchanged(model: () => tf.LayersModel): void {
  const state = (): object => ({config: configOf(model()), weights: weightsOf(model())});
  let found: object;
  beforeEach(() => {
    found = state();
  });
  afterEach(() => {
    expect(state()).toEqual(found);
  });
}

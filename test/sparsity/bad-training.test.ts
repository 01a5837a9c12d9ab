import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from './_errors.ts';
import {everyStep, random, saved, trainSteps} from './_training.ts';
import {checkUnchanged} from './_unchanged.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, updatePruningStep} = sparsity;

let model: tf.Sequential;

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = tf.sequential({
    layers: [tf.layers.dense({units: 4, inputShape: [4], name: 'dense'}), tf.layers.dropout({rate: 0.5})],
  });
});
afterAll(() => {
  model.dispose();
});
checkUnchanged(() => model);

describe('training', () => {
  let xs: tf.Tensor;
  let ys: tf.Tensor;
  let pruned: tf.LayersModel;
  beforeEach(() => {
    xs = random([4, 4], 1);
    ys = random([4, 4], 2);
    pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
  });
  afterEach(() => {
    tf.dispose([xs, ys]);
    pruned.dispose();
  });

  test('a callback on a model without pruned layers', async () => {
    const plain = tf.sequential({layers: [tf.layers.dense({units: 4, inputShape: [4]})]});
    await expectError(() => trainSteps(plain, xs, ys, 1), 'no-pruned-layers', /model that pruneLowMagnitude returns/);
    await expectError(
      () => trainSteps(plain, xs, ys, 1, [sparsity.pruningSummaries()]),
      'no-pruned-layers',
      /pruningSummaries/,
    );
    plain.dispose();
  });

  test('a callback that was not started, or has no model', async () => {
    const callback = updatePruningStep();
    await expectError(() => callback.onTrainBegin(), 'invalid-argument', /setModel/);
    callback.setModel(pruned);
    await expectError(() => callback.onBatchBegin(0), 'missing-callback', /await onTrainBegin/);
    await expectError(() => callback.onEpochEnd(0), 'missing-callback', /await onTrainBegin/);
  });

  test('one callback for two models at once', async () => {
    const callback = updatePruningStep();
    const prune = (): tf.LayersModel => pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const [first, second, third] = [prune(), prune(), prune()];
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    callback.setModel(pruned);
    await callback.onTrainBegin();
    const message = /one model at a time, but it is given '\w+' while '\w+' is in training\. Make one for each/;
    await expectError(() => callback.setModel(first), 'invalid-argument', message);
    await expectError(() => trainSteps(first, xs, ys, 1, [callback]), 'invalid-argument', message);
    await callback.onBatchBegin(0);
    await pruned.trainOnBatch(xs, ys);
    await callback.onTrainEnd();
    await trainSteps(first, xs, ys, 1, [callback]);
    await trainSteps(second, xs, ys, 1, [callback]);

    const both = [second, third].map(each => trainSteps(each, xs, ys, 2, [callback]));
    const outcomes = await Promise.allSettled(both);
    const reasons = outcomes.map(outcome => (outcome as PromiseRejectedResult).reason);
    expect(reasons).toContainEqual(expect.objectContaining({name: 'TfmotError', code: 'invalid-argument'}));
    for (const each of [first, second, third]) each.dispose();
    // A fit that fails in a pass leaves the shuffled indices of its epoch behind.
    leaks.expect(1);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    '%s in a weight at an update: masks and steps stay',
    async value => {
      await trainSteps(pruned, xs, ys, 1);
      const callback = updatePruningStep();
      callback.setModel(pruned);
      await callback.onTrainBegin();
      const [wrapper] = pruned.layers as [sparsity.PruneLowMagnitude];
      const bad = tf.tensor2d(
        Array.from({length: 16}, (_, i) => (i === 5 ? value : i)),
        [4, 4],
      );
      const bias = tf.zeros([4]);
      wrapper.setWeights([bad, bias]);
      const state = (): number[][] => wrapper.nonTrainableWeights.map(weight => Array.from(weight.read().dataSync()));
      const kept = state();
      await expectError(
        () => callback.onBatchBegin(0),
        'non-finite-weight',
        new RegExp(`prune_low_magnitude_dense/kernel holds ${value} at index 5 in step 2`),
      );
      expect(state()).toEqual(kept);
      await expectError(() => pruned.trainOnBatch(xs, ys), 'missing-callback', /without it/);
      tf.dispose([bad, bias]);
    },
  );

  test('a schedule that gives no sparsity', async () => {
    const pruningSchedule = {...everyStep(0.5), sparsityAt: () => Number.NaN};
    const wrong = pruneLowMagnitude(model, {pruningSchedule});
    const callback = updatePruningStep();
    callback.setModel(wrong);
    await callback.onTrainBegin();
    await expectError(() => callback.onBatchBegin(0), 'invalid-sparsity', /ConstantSparsity gave NaN at step 1/);
    wrong.dispose();
  });

  test('a checkpoint whose masks do not fit the pattern', async () => {
    await trainSteps(pruned, xs, ys, 1);
    for (const options of [{blockSize: [2, 2]}, {sparsityMByN: [1, 4]}] as const) {
      const other = pruneLowMagnitude(model, options);
      const checkpoint = Object.fromEntries(pruned.weights.map(weight => [weight.originalName, weight.read()]));
      other.loadWeights(checkpoint as Wrong);
      await expectError(() => trainSteps(other, xs, ys, 1), 'mask-mismatch', /prune_low_magnitude_dense\/mask/);
      other.dispose();
    }
  });

  test('a checkpoint whose masks have another shape', async () => {
    const checkpoint = Object.fromEntries(pruned.weights.map(weight => [weight.originalName, weight.read()]));
    const mask = tf.ones([2, 8]);
    await expectError(
      () => pruned.loadWeights({...checkpoint, 'prune_low_magnitude_dense/mask': mask} as Wrong),
      'mask-mismatch',
      /shape \[4,4\] of its weight, but \[2,8\]/,
    );
    mask.dispose();
  });
});

test('a saved model whose schedule is not registered', async () => {
  const own: sparsity.PruningSchedule = {
    sparsityAt: step => Math.min(step / 10, 0.75),
    shouldPruneAt: () => true,
    getConfig: () => ({className: 'BadInputLinear', config: {stepsToGo: 10, name: 'as_is', levels: [1, 2]}}),
  };
  const pruned = pruneLowMagnitude(model, {pruningSchedule: own});
  const handler = await saved(pruned);
  await expectError(
    () => tf.loadLayersModel(handler),
    'invalid-schedule',
    /'BadInputLinear' is not.*ConstantSparsity, PolynomialDecay/,
  );
  const configs: unknown[] = [];
  sparsity.registerPruningSchedule('BadInputLinear', config => {
    configs.push(config);
    return own;
  });
  const loaded = await tf.loadLayersModel(handler);
  const config = {stepsToGo: 10, name: 'as_is', levels: [1, 2]};
  expect(configs).toEqual([config, config]);
  expect((loaded.layers[0] as sparsity.PruneLowMagnitude).pruningSchedule).toBe(own);
  pruned.dispose();
  loaded.dispose();
});

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {afterEach, beforeAll, beforeEach, describe, expect, test, vi} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {everyStep, ramp, random, trainSteps} from './_training.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, pruningSummaries, stripPruning, summarize, updatePruningStep} = sparsity;

/** Dense 8 and dense 5 on ten inputs: kernels of 80 and 40. */
function simple(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({
        units: 8,
        activation: 'relu',
        inputShape: [10],
        name: 'first',
        kernelInitializer: tf.initializers.glorotUniform({seed: 1}),
      }),
      tf.layers.dense({units: 5, name: 'second', kernelInitializer: tf.initializers.glorotUniform({seed: 2})}),
    ],
  });
}

const wrappers = (model: tf.LayersModel): sparsity.PruneLowMagnitude[] => model.layers as sparsity.PruneLowMagnitude[];
const steps = (model: tf.LayersModel): number[] => wrappers(model).map(each => each.pruningStep.read().dataSync()[0]!);
const zeros = (model: tf.LayersModel): number[] =>
  wrappers(model).map(({prunedWeights}) => {
    const values = prunedWeights[0]!.weight.read().dataSync();
    return values.filter(value => value === 0).length / values.length;
  });

let xs: tf.Tensor;
let ys: tf.Tensor;
let dense: tf.Sequential;

beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(() => {
  xs = random([20, 10], 3);
  ys = random([20, 5], 4);
  dense = simple();
});
afterEach(() => {
  tf.dispose([xs, ys]);
  dense.dispose();
});

describe('updatePruningStep', () => {
  test('counts training steps in fit, and inference does not', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    expect(steps(pruned)).toEqual([-1, -1]);
    tf.dispose(pruned.predict(xs));
    expect(steps(pruned)).toEqual([-1, -1]);
    await trainSteps(pruned, xs, ys, 3);
    expect(steps(pruned)).toEqual([3, 3]);
    tf.dispose([pruned.predict(xs), pruned.evaluate(xs, ys)].flat());
    expect(steps(pruned)).toEqual([3, 3]);
    pruned.dispose();
  });

  test('goes on counting in a second fit', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    await trainSteps(pruned, xs, ys, 2);
    await trainSteps(pruned, xs, ys, 2);
    expect(steps(pruned)).toEqual([4, 4]);
    pruned.dispose();
  });

  test('serves fitDataset', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const dataset = tf.data.generator(function* () {
      for (let i = 0; i < 4; i++) yield {xs: xs.slice([5 * i, 0], [5, 10]), ys: ys.slice([5 * i, 0], [5, 5])};
    });
    await pruned.fitDataset(dataset, {epochs: 2, verbose: 0, callbacks: [updatePruningStep()]});
    expect(steps(pruned)).toEqual([8, 8]);
    expect(zeros(pruned)).toEqual([0.5, 0.5]);
    pruned.dispose();
  });

  test('by hand around trainOnBatch and around an optimizer, as in fit', async () => {
    const results: number[][] = [];
    for (const how of ['fit', 'trainOnBatch', 'minimize']) {
      const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.75)});
      pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
      if (how === 'fit') {
        await trainSteps(pruned, xs, ys, 2);
      } else {
        const callback = updatePruningStep();
        callback.setModel(pruned);
        await callback.onTrainBegin();
        for (let i = 0; i < 2; i++) {
          await callback.onBatchBegin(i);
          if (how === 'trainOnBatch') await pruned.trainOnBatch(xs, ys);
          else {
            pruned.optimizer.minimize(() =>
              tf.losses.meanSquaredError(ys, pruned.apply(xs, {training: true}) as tf.Tensor).asScalar(),
            );
          }
        }
        await callback.onEpochEnd(0);
        await callback.onTrainEnd();
      }
      expect(steps(pruned)).toEqual([2, 2]);
      expect(zeros(pruned)).toEqual([0.75, 0.75]);
      results.push(pruned.getWeights().flatMap(weight => Array.from(weight.dataSync())));
      pruned.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]!.every((value, i) => Math.abs(value - results[0]![i]!) < 1e-6)).toBe(true);
  });

  const TWO_KINDS: readonly (readonly [string, (plain: object) => unknown[]])[] = [
    ['before plain callbacks', plain => [updatePruningStep(), plain]],
    ['behind plain callbacks', plain => [plain, updatePruningStep()]],
    ['among both kinds', plain => [new tf.CustomCallback({}), plain, updatePruningStep(), plain, pruningSummaries()]],
  ];
  test.each(TWO_KINDS)('works %s, in fit and in fitDataset', async (_, list) => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    const calls: string[] = [];
    const note = (name: string) => async (index: number) => {
      calls.push(`${name} ${index}`);
    };
    const plain = {onBatchBegin: note('begin'), onBatchEnd: note('end'), onEpochEnd: note('epoch')};
    const callbacks = list(plain) as tf.CustomCallbackArgs[];
    await trainSteps(pruned, xs, ys, 1, callbacks);
    const times = callbacks.filter(each => each === plain).length;
    const expected = ['begin 0', 'end 0', 'epoch 0'].flatMap(name => Array(times).fill(name));
    expect(calls).toEqual(expected);
    await pruned.fitDataset(tf.data.array([{xs, ys}]), {epochs: 1, verbose: 0, callbacks});
    expect(calls).toEqual([...expected, ...expected]);
    expect(steps(pruned)).toEqual([2, 2]);
    expect(zeros(pruned)).toEqual([0.5, 0.5]);
    expect(callbacks.filter(each => each === plain)).toHaveLength(times);
    pruned.dispose();
  });

  test('plain callbacks beside it yield as they are told to', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    let frames = 0;
    const nextFrameFunc = async (): Promise<void> => {
      frames++;
    };
    const callbacks = [{nextFrameFunc}, updatePruningStep()] as tf.CustomCallbackArgs[];
    await pruned.fit(xs, ys, {batchSize: 5, verbose: 0, yieldEvery: 'batch', callbacks});
    expect(frames).toBe(4);
    pruned.dispose();
  });

  test('lists without it go to TensorFlow.js as they are', async () => {
    let began = 0;
    const onTrainBegin = async (): Promise<void> => {
      began++;
    };
    await trainSteps(dense, xs, ys, 1, [{onTrainBegin}]);
    await trainSteps(dense, xs, ys, 1, {onTrainBegin} as tf.CustomCallbackArgs);
    await trainSteps(dense, xs, ys, 1, new tf.CustomCallback({onTrainBegin}));
    expect(began).toBe(3);
  });

  test('every training pass without it throws, and inference does not', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    for (let i = 0; i < 2; i++) {
      await expect(pruned.fit(xs, ys, {verbose: 0})).rejects.toMatchObject({code: 'missing-callback'});
      expect(() => pruned.apply(xs, {training: true})).toThrow(/updatePruningStep/);
    }
    await trainSteps(pruned, xs, ys, 1);
    await expect(pruned.trainOnBatch(xs, ys)).rejects.toMatchObject({code: 'missing-callback'});
    tf.dispose(pruned.predict(xs));
    expect(steps(pruned)).toEqual([1, 1]);
    // fit, when it fails, leaves the shuffled indices of the epoch behind, and trainOnBatch its inputs' copies.
    leaks.expect(2);
    pruned.dispose();
  });

  test('a training that failed is over: the next pass without it throws', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const dataset = tf.data.array([{xs, ys}]);
    const fails = new tf.CustomCallback({
      onBatchEnd: async () => {
        throw new Error('disk full');
      },
    });
    const callbacks = [fails, updatePruningStep()];
    for (const train of [
      () => pruned.fit(xs, ys, {verbose: 0, callbacks}),
      () => pruned.fitDataset(dataset, {epochs: 1, verbose: 0, callbacks}),
    ]) {
      await expect(train()).rejects.toThrow('disk full');
      await expect(pruned.trainOnBatch(xs, ys)).rejects.toMatchObject({code: 'missing-callback'});
      await expect(pruned.fit(xs, ys, {verbose: 0})).rejects.toMatchObject({code: 'missing-callback'});
    }
    await trainSteps(pruned, xs, ys, 1);
    expect(steps(pruned)).toEqual([3, 3]);
    pruned.dispose();
    // What three failed fits and two failed trainOnBatch leave behind, as above.
    leaks.expect(5);
  });

  test('warns when the schedule never came to prune', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const pruned = pruneLowMagnitude(dense);
    await trainSteps(pruned, xs, ys, 3);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/ConstantSparsity.*starts at step 100.*after step 3/)]]);
    warn.mockClear();
    const other = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    await trainSteps(other, xs, ys, 1);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    pruned.dispose();
    other.dispose();
  });

  test('validation inside fit sees sparse weights, and so does whoever follows the last epoch', async () => {
    const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
    pruned.compile({optimizer: 'adam', loss: 'meanSquaredError'});
    await pruned.fit(xs, ys, {
      batchSize: 20,
      verbose: 0,
      validationData: [xs, ys],
      callbacks: [
        new tf.CustomCallback({onBatchEnd: async () => expect(zeros(pruned)).toEqual([0.5, 0.5])}),
        updatePruningStep(),
      ],
    });
    expect(zeros(pruned)).toEqual([0.5, 0.5]);
    pruned.dispose();
  });

  test('weights drift by one optimizer step between batches, and masks outlive the end of the schedule', async () => {
    const pruningSchedule = sparsity.constantSparsity({targetSparsity: 0.5, beginStep: 1, endStep: 1, frequency: 1});
    const pruned = pruneLowMagnitude(dense, {pruningSchedule});
    const drifted: number[][] = [];
    const watch = new tf.CustomCallback({
      onBatchEnd: async () => {
        drifted.push(zeros(pruned));
      },
    });
    await trainSteps(pruned, xs, ys, 4, [updatePruningStep(), watch]);
    expect(drifted.every(([first]) => first! < 0.5)).toBe(true);
    expect(zeros(pruned)).toEqual([0.5, 0.5]);
    pruned.dispose();
  });
});

test('a stopped and restarted ramp reaches its end', async () => {
  const pruningSchedule = ramp(0.2, 0.6, 4);
  const pruned = pruneLowMagnitude(dense, {pruningSchedule});
  await trainSteps(pruned, xs, ys, 1);
  expect(zeros(pruned).map(value => value.toFixed(6))).toEqual(['0.200000', '0.200000']);
  await trainSteps(pruned, xs, ys, 3);
  expect(zeros(pruned)).toEqual([0.6, 0.6]);
  await trainSteps(pruned, xs, ys, 2);
  expect(zeros(pruned)).toEqual([0.6, 0.6]);
  pruned.dispose();
});

test('at sparsity 0 training goes as without pruning', async () => {
  const twin = simple();
  const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0)});
  await trainSteps(pruned, xs, ys, 3);
  await trainSteps(twin, xs, ys, 3, []);
  const stripped = stripPruning(pruned);
  expect(stripped.getWeights().map(weight => weight.dataSync())).toEqual(
    twin.getWeights().map(weight => weight.dataSync()),
  );
  for (const model of [twin, pruned, stripped]) model.dispose();
});

test('at sparsity 0.99 one weight of each kernel is left', async () => {
  const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.99)});
  await trainSteps(pruned, xs, ys, 1);
  expect((await summarize(pruned)).weights.map(({nonZeros}) => nonZeros)).toEqual([1, 1]);
  pruned.dispose();
});

test('m:n follows a ramp, and is complete at once under a constant schedule', async () => {
  const pruningSchedule = ramp(0, 0.8, 3, 1);
  const pruned = pruneLowMagnitude(dense, {pruningSchedule, sparsityMByN: [2, 5]});
  const constant = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.1), sparsityMByN: [2, 5]});
  const seen: (number | null)[] = [];
  for (let i = 0; i < 3; i++) {
    await trainSteps(pruned, xs, ys, 1);
    const [first] = (await summarize(pruned)).weights;
    expect(first!.sparsity).toBeCloseTo(first!.targetSparsity!, 12);
    seen.push(first!.targetSparsity);
  }
  expect(seen).toEqual([0, 0.2, 0.4]);
  await trainSteps(constant, xs, ys, 1);
  expect((await summarize(constant)).weights[0]).toMatchObject({
    sparsity: 0.4,
    targetSparsity: 0.4,
    pattern: {type: 'm-by-n', m: 2, n: 5, axis: 0},
    threshold: 999,
  });
  const none = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0), sparsityMByN: [2, 5]});
  await trainSteps(none, xs, ys, 1);
  expect((await summarize(none)).weights[0]).toMatchObject({sparsity: 0, targetSparsity: 0});
  for (const model of [pruned, constant, none]) model.dispose();
});

test('pruningSummaries logs sparsity and threshold of every mask at each epoch end, and keeps the state at train begin', async () => {
  const pruningSchedule = ramp(0, 0.5, 2);
  const pruned = pruneLowMagnitude(dense, {pruningSchedule});
  const summaries = pruningSummaries();
  const {history} = await trainSteps(pruned, xs, ys, 2, [updatePruningStep(), summaries]);
  expect(history['prune_low_magnitude_first/mask/sparsity']).toEqual([0, 0.5]);
  expect(history['prune_low_magnitude_second/mask/sparsity']).toEqual([0, 0.5]);
  expect(history['prune_low_magnitude_first/threshold/threshold']![1]).toBeGreaterThan(0);
  expect(summaries.records.map(({step}) => step)).toEqual([0, 1, 2]);
  expect(Object.keys(summaries.records[0]!.values)).toHaveLength(4);
  pruned.dispose();
});

test('pruning adds no synchronous read-back to training', async () => {
  const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync');
  const readsOf = async (model: tf.LayersModel, callbacks: tf.Callback[]): Promise<number> => {
    reads.mockClear();
    await trainSteps(model, xs, ys, 4, callbacks);
    return reads.mock.calls.length;
  };
  const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
  const twin = simple();
  expect(await readsOf(pruned, [updatePruningStep(), pruningSummaries()])).toBe(await readsOf(twin, []));
  expect(steps(pruned)).toEqual([4, 4]);
  reads.mockRestore();
  for (const model of [pruned, twin]) model.dispose();
});

test('a wrapper skips nothing it should do: weights set by hand are masked at the next pass', async () => {
  const pruned = pruneLowMagnitude(dense, {pruningSchedule: everyStep(0.5)});
  await trainSteps(pruned, xs, ys, 1);
  const [first] = wrappers(pruned);
  const ones = first!.getWeights().map(weight => tf.onesLike(weight));
  first!.setWeights(ones);
  expect(zeros(pruned)[0]).toBe(0);
  tf.dispose(pruned.predict(xs));
  expect(zeros(pruned)[0]).toBe(0.5);
  tf.dispose(ones);
  pruned.dispose();
});

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../../testing/leaks.ts';
import {type TraceStep, vectors} from './_vectors.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** y = x . w with four weights; the loss is y, so the gradient of the weights is x. */
function line(weights: number[], schedule: sparsity.PruningSchedule): tf.Sequential {
  const kernel = tf.tensor2d(weights, [4, 1]);
  const model = tf.sequential({
    layers: [tf.layers.dense({units: 1, useBias: false, inputShape: [4], weights: [kernel]})],
  });
  const pruned = sparsity.pruneLowMagnitude(model, {pruningSchedule: schedule});
  model.dispose();
  kernel.dispose();
  return pruned;
}

/** Trains by hand, one step a callback round, and reports what the trace vectors report. */
async function trace(model: tf.Sequential, x: number[], lr: number, steps: number): Promise<TraceStep[]> {
  const wrapper = model.layers[0] as sparsity.PruneLowMagnitude;
  const {mask, threshold, weight} = wrapper.prunedWeights[0]!;
  const read = (variable: tf.LayerVariable): number[] => Array.from(variable.read().dataSync());
  const optimizer = tf.train.sgd(lr);
  const xs = tf.tensor2d(x, [1, 4]);
  const callback = sparsity.updatePruningStep();
  callback.setModel(model);
  await callback.onTrainBegin();
  const records: TraceStep[] = [];
  for (let i = 0; i < steps; i++) {
    await callback.onBatchBegin(i);
    let forward: number[] = [];
    const cost = optimizer.minimize(() => {
      const y = model.apply(xs, {training: true}) as tf.Tensor;
      forward = read(weight);
      return y.sum();
    }, true) as tf.Scalar;
    records.push({
      pruningStep: read(wrapper.pruningStep)[0]!,
      mask: read(mask),
      threshold: read(threshold)[0]!,
      weightsUsedInForward: forward,
      output: cost.dataSync()[0]!,
      weightsAfterOptimizer: read(weight),
    });
    cost.dispose();
  }
  await callback.onEpochEnd(0);
  xs.dispose();
  optimizer.dispose();
  return records;
}

/** -0 and +0 are one number here; stripping decides between them. */
const plain = (values: readonly number[]): number[] => values.map(value => value + 0);

const schedules = [
  sparsity.constantSparsity({targetSparsity: 0.5, beginStep: 2, frequency: 2}),
  sparsity.constantSparsity({targetSparsity: 0.5, beginStep: 0, frequency: 100}),
];

test.each(vectors.trainingTrace.map((vector, i) => [vector.name, vector, schedules[i]!] as const))(
  'training trace: %s',
  async (_, vector, schedule) => {
    const model = line([4, 3, 2, 1], schedule);
    const records = await trace(model, [1, 1, 1, 1], vector.lr, vector.steps.length);
    records.forEach((record, i) => {
      const expected = vector.steps[i]!;
      expect(record).toMatchObject({
        pruningStep: expected.pruningStep,
        mask: expected.mask,
        threshold: expected.threshold,
        output: expected.output,
        weightsAfterOptimizer: expected.weightsAfterOptimizer,
      });
      expect(plain(record.weightsUsedInForward)).toEqual(plain(expected.weightsUsedInForward));
    });
    expect(plain(Array.from(model.getWeights()[0]!.dataSync()))).toEqual(plain(vector.weightsAfterEpochEnd));
    const stripped = sparsity.stripPruning(model);
    expect(Array.from(stripped.getWeights()[0]!.dataSync())).toEqual(plain(vector.weightsAfterEpochEnd));
    model.dispose();
    stripped.dispose();
  },
);

test('a pruned weight grows back when one optimizer step exceeds the threshold', async () => {
  const model = line([1, 0.9, 0.1, 0.05], sparsity.constantSparsity({targetSparsity: 0.5, beginStep: 1, frequency: 1}));
  const records = await trace(model, [0, 0, -2, 0], 0.5, 3);
  const rounded = records.map(({mask, weightsAfterOptimizer, output}) => ({
    mask,
    after: weightsAfterOptimizer.map(value => Math.round(value * 1e6) / 1e6 + 0),
    output: output + 0,
  }));
  expect(rounded).toEqual([
    {mask: [1, 1, 0, 0], after: [1, 0.9, 1, 0], output: 0},
    {mask: [1, 0, 1, 0], after: [1, 0, 2, 0], output: -2},
    {mask: [1, 0, 1, 0], after: [1, 0, 3, 0], output: -4},
  ]);
  expect(records.map(({threshold}) => Math.fround(threshold))).toEqual([Math.fround(0.9), 1, 1]);
  model.dispose();
});

test('parameter counts: a mask for each prunable weight, a threshold with it, a step for each layer', () => {
  const model = tf.sequential({
    layers: [
      tf.layers.reshape({targetShape: [28, 28, 1], inputShape: [28, 28], name: 'reshape'}),
      tf.layers.conv2d({filters: 12, kernelSize: 3, name: 'conv2d'}),
      tf.layers.maxPooling2d({poolSize: 2, name: 'max_pooling2d'}),
      tf.layers.flatten({name: 'flatten'}),
      tf.layers.dense({units: 10, name: 'dense'}),
    ],
  });
  const pruned = sparsity.pruneLowMagnitude(model);
  const count = (weights: tf.LayerVariable[]): number =>
    weights.reduce((sum, weight) => sum + tf.util.sizeFromShape(weight.shape as number[]), 0);
  expect(model.countParams()).toBe(vectors.paramCounts.unpruned.total);
  expect({
    total: pruned.countParams(),
    trainable: count(pruned.trainableWeights),
    nonTrainable: count(pruned.nonTrainableWeights),
    perLayer: Object.fromEntries(
      pruned.layers.map(layer => [(layer as sparsity.PruneLowMagnitude).layer.name, layer.countParams()]),
    ),
  }).toEqual(vectors.paramCounts.pruned);
  model.dispose();
  pruned.dispose();
});

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {vectors} from './_vectors.ts';

interface Trace {
  readonly name: string;
  readonly schedule: sparsity.PruningSchedule;
  readonly weights: readonly number[];
  readonly input: readonly number[];
  readonly lr: number;
  readonly gradient: readonly number[];
  readonly steps: readonly {
    mask: number[];
    threshold: number;
    weightsUsedInForward: number[];
    output: number;
    weightsAfterOptimizer: number[];
  }[];
  readonly weightsAfterEpochEnd: readonly number[];
}

const constant = (beginStep: number, frequency: number): sparsity.PruningSchedule =>
  sparsity.constantSparsity({targetSparsity: 0.5, beginStep, endStep: -1, frequency});

const TRACES: readonly Trace[] = [
  ...vectors.trainingTrace.map((trace, i) => ({
    ...trace,
    schedule: i === 0 ? constant(2, 2) : constant(0, 100),
    weights: trace.steps[0]!.weightsUsedInForward,
    input: trace.gradient,
  })),
  {
    name: 'a pruned weight grows back when one update takes it over the threshold',
    schedule: constant(1, 1),
    weights: [1, 0.9, 0.1, 0.05],
    input: [0, 0, -2, 0],
    lr: 0.5,
    gradient: [0, 0, -2, 0],
    steps: [
      {
        mask: [1, 1, 0, 0],
        threshold: 0.9,
        weightsUsedInForward: [1, 0.9, 0, 0],
        output: 0,
        weightsAfterOptimizer: [1, 0.9, 1, 0],
      },
      {
        mask: [1, 0, 1, 0],
        threshold: 1,
        weightsUsedInForward: [1, 0, 1, 0],
        output: -2,
        weightsAfterOptimizer: [1, 0, 2, 0],
      },
      {
        mask: [1, 0, 1, 0],
        threshold: 1,
        weightsUsedInForward: [1, 0, 2, 0],
        output: -4,
        weightsAfterOptimizer: [1, 0, 3, 0],
      },
    ],
    weightsAfterEpochEnd: [1, 0, 3, 0],
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function free(...models: tf.LayersModel[]): void {
  tf.dispose(models.flatMap(model => model.weights.map(weight => weight.read())));
  expect(tf.memory().numTensors).toBe(0);
}

/** float32 values compared as the decimals that were written down; the sign of a zero is not looked at. */
function expectValues(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(Array.from(found, value => value + 0)).toEqual(expected.map(value => Math.fround(value) + 0));
}

describe('vectors', () => {
  test.each(TRACES)('$name', async trace => {
    const layer = tf.layers.dense({units: 1, useBias: false, inputShape: [4]});
    const plain = tf.sequential({layers: [layer]});
    const kernel = tf.tensor2d([...trace.weights], [4, 1]);
    layer.setWeights([kernel]);
    const model = sparsity.pruneLowMagnitude(plain, {pruningSchedule: trace.schedule});
    const optimizer = tf.train.sgd(trace.lr);
    model.compile({optimizer, loss: (_, output) => tf.mean(output)});
    const [wrapper] = model.layers as [sparsity.PruneLowMagnitude];
    const {weight, mask, threshold} = wrapper.prunedWeights[0]!;
    const [xs, ys] = [tf.tensor2d([...trace.input], [1, 4]), tf.zeros([1, 1])];

    const callback = sparsity.updatePruningStep();
    callback.setModel(model);
    await callback.onTrainBegin();
    for (const [i, step] of trace.steps.entries()) {
      await callback.onBatchBegin(i);
      expectValues(wrapper.pruningStep.read().dataSync(), [i + 1]);
      expectValues(mask.read().dataSync(), step.mask);
      expectValues(threshold.read().dataSync(), [step.threshold]);
      expect(await model.trainOnBatch(xs, ys)).toBe(step.output);
      const after = weight.read().dataSync();
      expectValues(after, step.weightsAfterOptimizer);
      // The loss is the output, so its gradient is the input, and what the forward pass saw is one update back.
      expectValues(
        Float32Array.from(after, (value, j) => value + trace.lr * trace.gradient[j]!),
        step.weightsUsedInForward,
      );
    }
    await callback.onEpochEnd(0);
    expectValues(weight.read().dataSync(), trace.weightsAfterEpochEnd);

    tf.dispose([kernel, xs, ys]);
    optimizer.dispose();
    free(plain, model);
  });

  test('parameter counts of the model of the tutorial', () => {
    const plain = tf.sequential({
      layers: [
        tf.layers.reshape({targetShape: [28, 28, 1], inputShape: [28, 28], name: 'reshape'}),
        tf.layers.conv2d({filters: 12, kernelSize: 3, activation: 'relu', name: 'conv2d'}),
        tf.layers.maxPooling2d({poolSize: 2, name: 'max_pooling2d'}),
        tf.layers.flatten({name: 'flatten'}),
        tf.layers.dense({units: 10, name: 'dense'}),
      ],
    });
    const model = sparsity.pruneLowMagnitude(plain);
    const {unpruned, pruned} = vectors.paramCounts;
    const size = (weights: tf.LayersModel['weights']): number =>
      weights.reduce((sum, {shape}) => sum + (shape as number[]).reduce((product, side) => product * side, 1), 0);
    expect(plain.countParams()).toBe(unpruned.total);
    expect({
      total: model.countParams(),
      trainable: size(model.trainableWeights),
      nonTrainable: size(model.nonTrainableWeights),
      perLayer: Object.fromEntries(
        (model.layers as sparsity.PruneLowMagnitude[]).map(({layer, weights}) => [layer.name, size(weights)]),
      ),
    }).toEqual(pruned);
    free(plain, model);
  });
});

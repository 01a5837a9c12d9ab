import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {configOf, everyStep, random, saved, trainSteps} from './_training.ts';

checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize} = sparsity;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A layer with two kernels that names the first as prunable. */
class TwoKernels extends tf.layers.Layer {
  static className = 'TwoKernels';
  private kernels: tf.LayerVariable[] = [];

  override build(inputShape: tf.Shape): void {
    const initializer = tf.initializers.randomNormal({seed: 3});
    this.kernels = ['first', 'second'].map(name =>
      this.addWeight(name, [inputShape[1]!, 4], 'float32', initializer, undefined, true),
    );
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [inputShape[0]!, 4];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor2D;
    return tf.tidy(() =>
      this.kernels.map(kernel => tf.matMul(x, kernel.read() as tf.Tensor2D)).reduce((a, b) => tf.add(a, b)),
    );
  }

  getPrunableWeights(): tf.LayerVariable[] {
    return this.kernels.slice(0, 1);
  }
}
tf.serialization.registerClass(TwoKernels);

/** A cell of one kernel, which says so itself where it is told to. */
class PlainCell extends tf.layers.RNNCell {
  static className = 'PlainCell';
  readonly stateSize = 4;
  protected kernel!: tf.LayerVariable;

  override build(inputShape: tf.Shape): void {
    const initializer = tf.initializers.randomNormal({seed: 5});
    this.kernel = this.addWeight('weights', [inputShape[1]!, 4], 'float32', initializer, undefined, true);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [x, state] = inputs as [tf.Tensor2D, tf.Tensor2D];
    const output = tf.tidy(() => tf.tanh(tf.add(state, tf.matMul(x, this.kernel.read() as tf.Tensor2D))));
    return [output, output];
  }
}
class PrunableCell extends PlainCell {
  static override className = 'PrunableCell';

  getPrunableWeights(): tf.LayerVariable[] {
    return [this.kernel];
  }
}
tf.serialization.registerClass(PlainCell);
tf.serialization.registerClass(PrunableCell);

test('a recurrent layer with a cell that is not known is not supported', () => {
  const rnn = tf.layers.rnn({cell: [tf.layers.lstmCell({units: 4}), new PlainCell({})]}) as tf.layers.Layer;
  expect(() => pruneLowMagnitude(rnn)).toThrow(
    /of the StackedRNNCells inside: of the PlainCell inside: nothing is known/,
  );
});

const seed = 7;
const init = {kernelInitializer: tf.initializers.glorotUniform({seed})};
const recurrent = {...init, recurrentInitializer: tf.initializers.glorotUniform({seed: 8})};

/** Layer, input shape, the sizes of the pruned weights with their names. */
const LAYERS: readonly (readonly [string, () => tf.layers.Layer, number[], Record<string, number>])[] = [
  ['dense', () => tf.layers.dense({units: 4, ...init}), [6], {kernel: 24}],
  ['conv1d', () => tf.layers.conv1d({filters: 4, kernelSize: 2, ...init}), [3, 6], {kernel: 48}],
  ['conv2d', () => tf.layers.conv2d({filters: 4, kernelSize: 2, ...init}), [4, 6, 1], {kernel: 16}],
  ['conv3d', () => tf.layers.conv3d({filters: 2, kernelSize: 3, ...init}), [5, 7, 6, 3], {kernel: 162}],
  ['conv2dTranspose', () => tf.layers.conv2dTranspose({filters: 4, kernelSize: 2, ...init}), [4, 3, 2], {kernel: 32}],
  [
    'separableConv2d',
    () =>
      tf.layers.separableConv2d({
        filters: 4,
        kernelSize: 2,
        depthwiseInitializer: tf.initializers.glorotUniform({seed}),
        pointwiseInitializer: tf.initializers.glorotUniform({seed}),
      }),
    [4, 6, 1],
    {pointwise_kernel: 4},
  ],
  ['simpleRNN', () => tf.layers.simpleRNN({units: 10, ...recurrent}), [3, 4], {kernel: 40, recurrent_kernel: 100}],
  ['gru', () => tf.layers.gru({units: 10, ...recurrent}), [3, 4], {kernel: 120, recurrent_kernel: 300}],
  ['lstm', () => tf.layers.lstm({units: 10, ...recurrent}), [3, 4], {kernel: 160, recurrent_kernel: 400}],
  [
    'rnn with one cell',
    () => tf.layers.rnn({cell: tf.layers.lstmCell({units: 4, ...recurrent})}) as tf.layers.Layer,
    [3, 4],
    {kernel: 64, recurrent_kernel: 64},
  ],
  [
    'rnn with stacked cells',
    () =>
      tf.layers.rnn({
        cell: [
          tf.layers.lstmCell({units: 4, ...recurrent}),
          tf.layers.gruCell({units: 4, ...recurrent}),
          tf.layers.simpleRNNCell({units: 4, ...recurrent}),
        ],
      }) as tf.layers.Layer,
    [3, 4],
    {
      cell_0_kernel: 64,
      cell_0_recurrent_kernel: 64,
      cell_1_kernel: 48,
      cell_1_recurrent_kernel: 48,
      cell_2_kernel: 16,
      cell_2_recurrent_kernel: 16,
    },
  ],
  [
    'rnn with a custom cell',
    () => tf.layers.rnn({cell: new PrunableCell({})}) as tf.layers.Layer,
    [3, 4],
    {weights: 16},
  ],
  [
    'convLstm2d',
    () => tf.layers.convLstm2d({filters: 2, kernelSize: 2, ...recurrent}) as tf.layers.Layer,
    [2, 4, 4, 1],
    {kernel: 32, recurrent_kernel: 64},
  ],
  [
    'bidirectional',
    () => tf.layers.bidirectional({layer: tf.layers.gru({units: 2, ...recurrent}) as tf.RNN, mergeMode: 'concat'}),
    [3, 4],
    {forward_kernel: 24, forward_recurrent_kernel: 12, backward_kernel: 24, backward_recurrent_kernel: 12},
  ],
  [
    'timeDistributed',
    () => tf.layers.timeDistributed({layer: tf.layers.dense({units: 4, ...init})}),
    [3, 6],
    {kernel: 24},
  ],
  ['custom', () => new TwoKernels({}), [6], {first: 24}],
];

describe.each(LAYERS)('%s', (_, make, inputShape, sizes) => {
  test('is pruned to half in one step, and strips to the same predictions', async () => {
    const input = tf.input({shape: inputShape});
    const model = tf.model({inputs: input, outputs: make().apply(input) as tf.SymbolicTensor});
    const xs = random([4, ...inputShape], 1);
    const original = model.predict(xs) as tf.Tensor;
    const ys = tf.zerosLike(original);
    const originalWeights = model.getWeights().map(weight => weight.dataSync().slice());

    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const untrained = pruned.predict(xs) as tf.Tensor;
    expect(untrained.dataSync()).toEqual(original.dataSync());
    await trainSteps(pruned, xs, ys, 1);

    const {weights, skipped} = await summarize(pruned);
    expect(skipped).toEqual([{layer: input.name, className: 'InputLayer', reason: 'it only stands for an input'}]);
    expect(Object.fromEntries(weights.map(({weight, size}) => [weight, size]))).toEqual(sizes);
    for (const weight of weights) {
      expect(weight).toMatchObject({sparsity: 0.5, targetSparsity: 0.5, nonZeros: weight.size / 2});
    }

    const stripped = stripPruning(pruned);
    const before = pruned.predict(xs) as tf.Tensor;
    const after = stripped.predict(xs) as tf.Tensor;
    expect(after.dataSync()).toEqual(before.dataSync());
    expect(configOf(stripped)).toEqual(configOf(model));
    expect(stripped.weights.map(weight => weight.originalName)).toEqual(
      model.weights.map(weight => weight.originalName),
    );
    expect(model.getWeights().map(weight => weight.dataSync())).toEqual(originalWeights);
    for (const {sparsity: realised} of (await summarize(stripped)).weights) expect(realised).toBe(0.5);

    tf.dispose([xs, ys, original, untrained, before, after]);
    for (const each of [model, pruned, stripped]) each.dispose();
  });

  test('is saved and loaded as it is', async () => {
    const input = tf.input({shape: inputShape});
    const model = tf.model({inputs: input, outputs: make().apply(input) as tf.SymbolicTensor});
    const pruned = pruneLowMagnitude(model, {sparsityMByN: [2, 4]});
    const loaded = await tf.loadLayersModel(await saved(pruned));
    expect(configOf(loaded)).toEqual(configOf(pruned));
    expect(loaded.getWeights().map(weight => weight.dataSync())).toEqual(
      pruned.getWeights().map(weight => weight.dataSync()),
    );
    for (const each of [model, pruned, loaded]) each.dispose();
  });
});

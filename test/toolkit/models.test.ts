import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel, everyStep, random, saved, trainSteps} from '../sparsity/_training.ts';

const leaks = checkLeaks();

// Models of the Python toolkit's own tests, with the numbers expected there, and one as it saves them.

const {polynomialDecay, pruneLowMagnitude, stripPruning, summarize} = sparsity;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const asLayer = (layer: unknown): tf.layers.Layer => layer as tf.layers.Layer;

/** The convolutional network of the tutorial on MNIST, in proportion. */
function mnistLayers(image: number, first: number, second: number, hidden: number): tf.layers.Layer[] {
  const padding = 'same';
  const conv = {kernelSize: 5, padding, activation: 'relu', kernelInitializer: 'heNormal'} as const;
  const pool = {poolSize: 2, strides: 2, padding} as const;
  return [
    tf.layers.conv2d({filters: first, inputShape: [image, image, 1], ...conv}),
    tf.layers.maxPooling2d(pool),
    asLayer(tf.layers.batchNormalization()),
    tf.layers.conv2d({filters: second, ...conv}),
    tf.layers.maxPooling2d(pool),
    tf.layers.flatten(),
    tf.layers.dense({units: hidden, activation: 'relu'}),
    tf.layers.dropout({rate: 0.4}),
    tf.layers.dense({units: 10, activation: 'softmax'}),
  ];
}

const pruningSchedule = everyStep(0.5);
const prunedSequential = (): tf.LayersModel => {
  const model = tf.sequential({layers: mnistLayers(8, 4, 8, 16)});
  const pruned = pruneLowMagnitude(model, {pruningSchedule});
  model.dispose();
  return pruned;
};

describe('the network for MNIST reaches half its kernels', () => {
  test.each<[string, () => tf.LayersModel]>([
    ['as a Sequential', prunedSequential],
    [
      'as a functional model',
      () => {
        const input = tf.input({shape: [8, 8, 1]});
        const outputs = mnistLayers(8, 4, 8, 16).reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
        const model = tf.model({inputs: input, outputs});
        const pruned = pruneLowMagnitude(model, {pruningSchedule});
        model.dispose();
        return pruned;
      },
    ],
    [
      'as a list of layers',
      () => tf.sequential({layers: pruneLowMagnitude(mnistLayers(8, 4, 8, 16), {pruningSchedule})}),
    ],
    [
      'layer by layer',
      () => tf.sequential({layers: mnistLayers(8, 4, 8, 16).map(layer => pruneLowMagnitude(layer, {pruningSchedule}))}),
    ],
  ])('%s', async (_, make) => {
    const model = make();
    const [xs, ys] = [random([2, 8, 8, 1], 1), random([2, 10], 2)];
    await trainSteps(model, xs, ys, 1);
    const {weights} = await summarize(model);
    expect(weights.map(({size, sparsity: realised}) => [size, realised])).toEqual([
      [100, 0.5],
      [800, 0.5],
      [512, 0.5],
      [160, 0.5],
    ]);
    tf.dispose([xs, ys]);
    model.dispose();
  });
});

test('the full network for MNIST has four masks, and its wrappers go through their configs unchanged', () => {
  const model = tf.sequential({layers: mnistLayers(28, 32, 64, 1024)});
  expect(model.countParams()).toBe(3_274_762);
  const pruned = pruneLowMagnitude(model);
  const wrappers = pruned.layers as sparsity.PruneLowMagnitude[];
  expect(wrappers.map(({prunedWeights}) => prunedWeights.length)).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 1]);
  for (const wrapper of wrappers) {
    const config = JSON.parse(JSON.stringify(wrapper.getConfig()));
    const again = sparsity.PruneLowMagnitude.fromConfig(sparsity.PruneLowMagnitude as never, config);
    expect((again as sparsity.PruneLowMagnitude).getConfig()).toEqual(wrapper.getConfig());
  }
  for (const each of [model, pruned]) each.dispose();
});

test('a recurrent network is wrapped in all its five layers', () => {
  const model = tf.sequential({
    layers: [
      asLayer(
        tf.layers.rnn({
          cell: tf.layers.lstmCell({units: 4, dropout: 0.5, recurrentDropout: 0.5, recurrentInitializer: 'zeros'}),
          returnSequences: true,
          inputShape: [3, 4],
        }),
      ),
      asLayer(tf.layers.batchNormalization()),
      tf.layers.flatten(),
      tf.layers.dense({units: 4}),
      tf.layers.dropout({rate: 0.5}),
    ],
  });
  const pruned = pruneLowMagnitude(model);
  expect(pruned.layers.map(layer => layer.getClassName())).toEqual(Array(5).fill('PruneLowMagnitude'));
  for (const each of [model, pruned]) each.dispose();
});

test('stacked cells are pruned in their order', () => {
  const recurrentInitializer = 'zeros';
  const cell = [
    tf.layers.lstmCell({units: 10, recurrentInitializer}),
    tf.layers.gruCell({units: 5, recurrentInitializer}),
  ];
  const model = tf.sequential({layers: [asLayer(tf.layers.rnn({cell, inputShape: [3, 4]}))]});
  const pruned = pruneLowMagnitude(model);
  const [wrapper] = pruned.layers as [sparsity.PruneLowMagnitude];
  expect(wrapper.prunedWeights.map(({name, weight}) => [name, weight.shape])).toEqual([
    ['cell_0_kernel', [4, 40]],
    ['cell_0_recurrent_kernel', [10, 40]],
    ['cell_1_kernel', [10, 15]],
    ['cell_1_recurrent_kernel', [5, 15]],
  ]);
  for (const each of [model, pruned]) each.dispose();
});

describe('m:n sparsity', () => {
  const conv = (): tf.layers.Layer =>
    tf.layers.conv2d({filters: 16, kernelSize: [5, 7], kernelInitializer: tf.initializers.randomNormal({seed: 1})});
  const dense = (): tf.layers.Layer =>
    tf.layers.dense({units: 16, kernelInitializer: tf.initializers.randomNormal({seed: 1})});
  test.each<[string, () => tf.layers.Layer, number[], [number, number], number | undefined]>([
    ['2:4 of a convolution', conv, [10, 10, 8], [2, 4], 0.5],
    ['2:4 of a convolution of seven channels', conv, [10, 10, 7], [2, 4], 0.428571],
    ['1:2 of a convolution', conv, [10, 10, 8], [1, 2], 0.5],
    ['2:4 of a dense layer', dense, [8], [2, 4], 0.5],
    ['1:2 of a dense layer', dense, [8], [1, 2], 0.5],
    [
      '2:4 of a depthwise convolution, which has nothing to prune',
      () => tf.layers.depthwiseConv2d({kernelSize: 3}),
      [7, 7, 32],
      [2, 4],
      undefined,
    ],
  ])('%s', async (_, make, inputShape, sparsityMByN, expected) => {
    const input = tf.input({shape: inputShape});
    const wrapped = pruneLowMagnitude(make(), {pruningSchedule, sparsityMByN});
    const model = tf.model({inputs: input, outputs: wrapped.apply(input) as tf.SymbolicTensor});
    const xs = random([2, ...inputShape], 1);
    const ys = tf.zeros([2, ...(model.outputs[0]!.shape.slice(1) as number[])]);
    await trainSteps(model, xs, ys, 1);
    const stripped = stripPruning(model);
    const {weights} = await summarize(stripped);
    expect(weights).toHaveLength(expected === undefined ? 0 : 1);
    for (const weight of weights) expect(weight.sparsity).toBeCloseTo(expected!, 6);
    const [a, b] = [model.predict(xs) as tf.Tensor, stripped.predict(xs) as tf.Tensor];
    expect(b.dataSync()).toEqual(a.dataSync());
    tf.dispose([xs, ys, a, b]);
    for (const each of [model, stripped]) each.dispose();
  });
});

describe('a ramp that is stopped, saved, loaded and gone on with', () => {
  const simple = (): tf.LayersModel =>
    tf.sequential({
      layers: [
        tf.layers.dense({units: 8, activation: 'relu', inputShape: [10]}),
        tf.layers.dense({units: 5, activation: 'softmax'}),
      ],
    });
  test.each([
    {begin: 1, end: 4, parts: [1, 3], sparsities: [0.2, 0.6]},
    {begin: 0, end: 2, parts: [3, 1], sparsities: [0.6, 0.6]},
  ])('$parts steps of a ramp from 0.2 to 0.6 over $begin to $end', async ({begin, end, parts, sparsities}) => {
    const schedule = polynomialDecay({
      initialSparsity: 0.2,
      finalSparsity: 0.6,
      beginStep: begin,
      endStep: end,
      frequency: 1,
    });
    const plain = simple();
    const first = pruneLowMagnitude(plain, {pruningSchedule: schedule});
    const [xs, ys] = [random([20, 10], 1), random([20, 5], 2)];
    const realised = async (model: tf.LayersModel): Promise<number[]> =>
      (await summarize(model)).weights.map(weight => Number(weight.sparsity.toFixed(6)));
    await trainSteps(first, xs, ys, parts[0]!);
    expect(await realised(first)).toEqual([sparsities[0], sparsities[0]]);
    const second = await tf.loadLayersModel(await saved(first));
    expect(await realised(second)).toEqual([sparsities[0], sparsities[0]]);
    await trainSteps(second, xs, ys, parts[1]!);
    expect(await realised(second)).toEqual([sparsities[1], sparsities[1]]);
    tf.dispose([xs, ys]);
    second.optimizer.dispose();
    for (const each of [plain, first, second]) disposeModel(each);
    // TF.js keeps the iteration count that it saved.
    leaks.expect(1);
  });
});

test('a nested model is pruned in both its layers', async () => {
  const inner = tf.sequential({layers: [tf.layers.dense({units: 10, inputShape: [10]})]});
  const model = tf.sequential({layers: [inner, tf.layers.dense({units: 2})]});
  const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.8)});
  const [xs, ys] = [random([4, 10], 1), random([4, 2], 2)];
  await trainSteps(pruned, xs, ys, 1);
  expect((await summarize(pruned)).weights.map(({nonZeros, size}) => [nonZeros, size])).toEqual([
    [20, 100],
    [4, 20],
  ]);
  tf.dispose([xs, ys]);
  for (const each of [model, pruned]) disposeModel(each);
});

test('a pruned model as the Python toolkit writes it', async () => {
  const dense = (name: string, units: number, more: object): object => ({
    class_name: 'PruneLowMagnitude',
    config: {
      name: `prune_low_magnitude_${name}`,
      trainable: true,
      dtype: 'float32',
      layer: {
        module: 'keras.layers',
        class_name: 'Dense',
        config: {name, trainable: true, units, activation: 'relu', use_bias: true, ...more},
        registered_name: null,
      },
      pruning_schedule: {
        class_name: 'PolynomialDecay',
        config: {initial_sparsity: 0, final_sparsity: 0.5, power: 3, begin_step: 1, end_step: 2, frequency: 1},
      },
      block_size: [2, 1],
      block_pooling_type: 'MAX',
      ...more,
    },
  });
  const model = await tf.models.modelFromJSON({
    class_name: 'Sequential',
    config: {name: 'python', layers: [dense('first', 8, {batch_input_shape: [null, 4]}), dense('last', 2, {})]},
  } as unknown as tf.io.ModelJSON);
  const [xs, ys] = [random([4, 4], 1), random([4, 2], 2)];
  await trainSteps(model, xs, ys, 2);
  const {weights} = await summarize(model);
  expect(weights).toMatchObject([
    {layer: 'first', sparsity: 0.5, pattern: {type: 'block', size: [2, 1], pooling: 'MAX'}},
    {layer: 'last', sparsity: 0.5, pattern: {type: 'block', size: [2, 1], pooling: 'MAX'}},
  ]);
  const stripped = stripPruning(model);
  expect(stripped.weights.map(weight => weight.originalName)).toEqual([
    'first/kernel',
    'first/bias',
    'last/kernel',
    'last/bias',
  ]);
  tf.dispose([xs, ys]);
  model.dispose();
  stripped.dispose();
});

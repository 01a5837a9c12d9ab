import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel, saved} from './_training.ts';

checkLeaks();

const {pruneForLatencyOnXnnpack, pruneLowMagnitude} = sparsity;

type Layers = tf.layers.Layer[];
const pad = (size = 1, more: object = {}): tf.layers.Layer =>
  tf.layers.zeroPadding2d({
    padding: [
      [size, size],
      [size, size],
    ],
    ...more,
  } as object);
const stem = (more: object = {}): tf.layers.Layer => tf.layers.conv2d({filters: 4, kernelSize: 3, strides: 2, ...more});
const pointwise = (filters = 4, more: object = {}): tf.layers.Layer =>
  tf.layers.conv2d({filters, kernelSize: 1, ...more});
const depthwise = (more: object = {}): tf.layers.Layer =>
  tf.layers.depthwiseConv2d({kernelSize: 3, padding: 'same', ...more});
const pool = (): tf.layers.Layer => tf.layers.globalAveragePooling2d({});
const shaped = {inputShape: [8, 8, 3]};
const wrapped = (model: tf.LayersModel): string[] =>
  model.layers.flatMap(layer =>
    'layers' in layer
      ? wrapped(layer as tf.LayersModel)
      : layer.getClassName() === 'PruneLowMagnitude'
        ? [(layer as sparsity.PruneLowMagnitude).layer.getClassName()]
        : [],
  );

const PoolTwoDims = pool().constructor as tf.serialization.SerializableConstructor<tf.layers.Layer>;

/** Global pooling that keeps the two dimensions it pools, which Keras can do and TF.js cannot. */
class PoolKeepingDims extends PoolTwoDims {
  static override className = 'GlobalAveragePooling2D';
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return [shape[0]!, 1, 1, shape[3]!];
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mean(Array.isArray(inputs) ? inputs[0]! : inputs, [1, 2], true);
  }
  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), keepdims: true};
  }
}

/** Runs `work` with that layer registered as Keras names it, in place of TF.js' own. */
function withPoolKeepingDims<T>(work: () => T): T {
  tf.serialization.registerClass(PoolKeepingDims);
  try {
    return work();
  } finally {
    tf.serialization.registerClass(PoolTwoDims);
  }
}

/** Prunes a Sequential by the policy, and says what was wrapped. */
function prune(layers: Layers): string[] {
  const model = tf.sequential({layers});
  try {
    const pruned = pruneLowMagnitude(model, {pruningPolicy: pruneForLatencyOnXnnpack()});
    const found = wrapped(pruned);
    disposeModel(pruned);
    return found;
  } finally {
    disposeModel(model);
  }
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const start: (() => tf.layers.Layer)[] = [() => pad(1, shaped), () => stem()];

test.each<[string, (() => tf.layers.Layer)[], number]>([
  ['a small MobileNet', [...start, () => depthwise(), () => pointwise(8), pool], 1],
  [
    'two pointwise convolutions',
    [...start, () => pointwise(8), () => tf.layers.reLU() as tf.layers.Layer, () => pointwise(8), pool],
    2,
  ],
  [
    'supported layers of all kinds',
    [
      ...start,
      () => tf.layers.batchNormalization({axis: 3}),
      () => tf.layers.activation({activation: 'relu6'}),
      () => tf.layers.upSampling2d({interpolation: 'bilinear'}),
      () => pad(),
      () => depthwise({padding: 'valid', strides: 2}),
      () => tf.layers.elu() as tf.layers.Layer,
      () => pad(2),
      () => depthwise({kernelSize: 5, padding: 'valid'}),
      () => depthwise({kernelSize: 5}),
      () => tf.layers.leakyReLU() as tf.layers.Layer,
      () => tf.layers.dropout({rate: 0.1}),
      () => pointwise(),
      pool,
    ],
    1,
  ],
  [
    'a pointwise convolution after the pooling',
    [...start, () => pointwise(), pool, () => tf.layers.reshape({targetShape: [1, 1, 4]}), () => pointwise(2)],
    2,
  ],
  [
    'a transposed convolution of 1x1, a kind of Conv2D in Keras',
    [...start, () => tf.layers.conv2dTranspose({filters: 4, kernelSize: 1}), pool],
    1,
  ],
  [
    'a nested Sequential of two pointwise convolutions',
    [...start, () => tf.sequential({layers: [pointwise(4, {inputShape: [4, 4, 4]}), pointwise(4)]}), pool],
    2,
  ],
])('%s', (_, layers, count) => {
  const found = prune(layers.map(make => make()));
  expect(found).toHaveLength(count);
  for (const className of found) expect(className).toMatch(/^Conv2D/);
});

describe('refuses', () => {
  test.each<[string, (() => tf.layers.Layer)[], RegExp]>([
    [
      'a stem with same padding',
      [() => pad(1, shaped), () => stem({padding: 'same'}), () => pointwise(), pool],
      /ZeroPadding2D of 1/,
    ],
    [
      'a stem of stride 1',
      [() => pad(1, shaped), () => stem({strides: 1}), () => pointwise(), pool],
      /strides \[2, 2\]/,
    ],
    [
      'a stem of one channel',
      [() => pad(1, {inputShape: [8, 8, 1]}), () => stem(), () => pointwise(), pool],
      /3 input channels/,
    ],
    ['a stem without padding before it', [() => stem(shaped), () => pointwise(), pool], /ZeroPadding2D/],
    [
      'an end without global pooling',
      [...start, () => pointwise(), () => tf.layers.averagePooling2d({poolSize: 2})],
      /every output.*GlobalAveragePooling2D/,
    ],
    [
      'max pooling',
      [...start, () => pointwise(), () => tf.layers.maxPooling2d({poolSize: 2}), pool],
      /\(MaxPooling2D\) has no sparse kernel/,
    ],
    [
      'a 3x3 convolution in the middle',
      [...start, () => stem({strides: 1}), () => pointwise(), pool],
      /\(Conv2D\) has no sparse kernel/,
    ],
    ['a pointwise convolution of stride 2', [...start, () => pointwise(4, {strides: 2}), pool], /\(Conv2D\)/],
    [
      'a depthwise multiplier',
      [...start, () => depthwise({depthMultiplier: 2}), () => pointwise(), pool],
      /\(DepthwiseConv2D\)/,
    ],
    [
      'a depthwise stride of 2 without padding layer',
      [...start, () => depthwise({strides: 2}), () => pointwise(), pool],
      /\(DepthwiseConv2D\)/,
    ],
    [
      'a depthwise convolution behind too little padding',
      [...start, () => pad(1), () => depthwise({kernelSize: 5, padding: 'valid'}), () => pointwise(), pool],
      /\(DepthwiseConv2D\)/,
    ],
    ['tanh', [...start, () => pointwise(), () => tf.layers.activation({activation: 'tanh'}), pool], /\(Activation\)/],
    [
      'upsampling by neighbours',
      [...start, () => pointwise(), () => tf.layers.upSampling2d({}), pool],
      /\(UpSampling2D\)/,
    ],
  ])('%s', (_, layers, message) => {
    expect(() => prune(layers.map(make => make()))).toThrow(
      expect.objectContaining({code: 'unsupported-model', message: expect.stringMatching(message)}),
    );
  });

  test('a model that fits and has no 1x1 convolution: nothing can be pruned', () => {
    expect(() => prune([pad(1, shaped), stem(), depthwise(), tf.layers.reLU() as tf.layers.Layer, pool()])).toThrow(
      expect.objectContaining({code: 'nothing-to-prune'}),
    );
  });
});

describe('functional models', () => {
  const apply = (layer: tf.layers.Layer, ...inputs: tf.SymbolicTensor[]): tf.SymbolicTensor =>
    layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.SymbolicTensor;

  test('branches that meet, and a layer used twice', () => {
    const input = tf.input({shape: [8, 8, 3]});
    const first = apply(stem(), apply(pad(), input));
    const shared = pointwise();
    const sum = apply(tf.layers.add(), apply(shared, first), apply(shared, apply(depthwise(), first)));
    const normalized = apply(tf.layers.batchNormalization({scale: false}), apply(pointwise(), first));
    const product = apply(tf.layers.multiply(), sum, normalized);
    const outputs = [apply(pool(), product), apply(pool(), sum)];
    const model = tf.model({inputs: input, outputs});
    const options = {pruningPolicy: pruneForLatencyOnXnnpack()};
    const pruned = pruneLowMagnitude(model, options);
    const twice = pruneLowMagnitude(pruned, options);
    expect(wrapped(pruned)).toEqual(['Conv2D', 'Conv2D']);
    expect(wrapped(twice)).toEqual(['Conv2D', 'Conv2D']);
    for (const each of [model, pruned, twice]) disposeModel(each);
  });

  test('the two-headed model of the toolkit, squeeze and excitation inside: six 1x1 convolutions', () => {
    const input = tf.input({shape: [8, 8, 3]});
    const first = apply(stem(), apply(pad(), input));
    const left = apply(pointwise(), apply(depthwise(), first));
    const squeezed = apply(pointwise(), apply(new PoolKeepingDims({}), left));
    const grown = apply(tf.layers.upSampling2d({size: [4, 4], interpolation: 'bilinear'}), squeezed);
    const excited = apply(tf.layers.multiply(), left, apply(tf.layers.activation({activation: 'sigmoid'}), grown));
    const right = apply(pointwise(), apply(tf.layers.reLU() as tf.layers.Layer, apply(pointwise(), first)));
    const pooled = apply(new PoolKeepingDims({}), apply(tf.layers.add(), excited, right));
    const model = tf.model({inputs: input, outputs: [apply(pointwise(2), pooled), apply(pointwise(3), pooled)]});
    const pruned = withPoolKeepingDims(() => pruneLowMagnitude(model, {pruningPolicy: pruneForLatencyOnXnnpack()}));
    expect(wrapped(pruned)).toEqual(Array(6).fill('Conv2D'));
    for (const each of [model, pruned]) disposeModel(each);
  });

  test('a copy of a model is pruned as the model is', async () => {
    const model = tf.sequential({layers: [...start.map(make => make()), depthwise(), pointwise(8), pool()]});
    const copy = await tf.loadLayersModel(await saved(model));
    const pruned = pruneLowMagnitude(copy, {pruningPolicy: pruneForLatencyOnXnnpack()});
    expect(wrapped(pruned)).toEqual(['Conv2D']);
    for (const each of [model, copy, pruned]) disposeModel(each);
  });

  test('a second input that does not start in the stem', () => {
    const [left, right] = [tf.input({shape: [8, 8, 3]}), tf.input({shape: [4, 4, 4]})];
    const sum = apply(tf.layers.add(), apply(stem(), apply(pad(), left)), right);
    const model = tf.model({inputs: [left, right], outputs: apply(pool(), apply(pointwise(), sum))});
    expect(() => pruneLowMagnitude(model, {pruningPolicy: pruneForLatencyOnXnnpack()})).toThrow(
      /every input must lead/,
    );
    disposeModel(model);
  });
});

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {sparsity} from 'tfjs-model-optimization';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from './_errors.ts';
import {disposeModel, everyStep, random, trainSteps} from './_training.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, stripPruning} = sparsity;
const {layers} = tf;
const dilated = {filters: 2, kernelSize: 2, dilationRate: 2, name: 'limited'};

/** What TensorFlow.js cannot train: a layer, the shape of its input, what the message says. */
const NO_GRADIENT: readonly (readonly [string, () => tf.layers.Layer, number[], RegExp])[] = [
  ['conv1d, dilated', () => layers.conv1d(dilated), [6, 3], /gradient of a dilated convolution \(dilationRate \[2\]/],
  ['conv2d, dilated', () => layers.conv2d(dilated), [6, 6, 3], /dilationRate \[2,2\]/],
  ['conv2d, dilated one way', () => layers.conv2d({...dilated, dilationRate: [1, 3]}), [6, 6, 3], /\[1,3\]/],
  ['conv3d, dilated', () => layers.conv3d({...dilated, dilationRate: [2, 2, 2]} as Wrong), [4, 4, 4, 2], /\[2,2,2\]/],
  ['separableConv2d, dilated', () => layers.separableConv2d(dilated as Wrong), [6, 6, 3], /dilationRate \[2,2\]/],
  ['convLstm2d, dilated', () => layers.convLstm2d(dilated as Wrong) as Wrong, [2, 6, 6, 3], /dilationRate \[2,2\]/],
  [
    'timeDistributed conv2d, dilated',
    () => layers.timeDistributed({layer: layers.conv2d({...dilated, name: 'inner'}), name: 'limited'}),
    [2, 5, 5, 2],
    /dilationRate \[2,2\]/,
  ],
  [
    'conv3dTranspose',
    () => layers.conv3dTranspose({filters: 2, kernelSize: 2, name: 'limited'}),
    [3, 3, 3, 2],
    /gradient of a Conv3DTranspose/,
  ],
  [
    'batchNormalization of axis 1 of 4',
    () => layers.batchNormalization({axis: 1, name: 'limited'}),
    [4, 4, 3],
    /another axis than the last \(axis 1 of 4\)/,
  ],
  [
    'batchNormalization of axis -2 of 3',
    () => layers.batchNormalization({axis: -2, scale: false, name: 'limited'}),
    [4, 3],
    /axis -2 of 3/,
  ],
  ['thresholdedReLU', () => layers.thresholdedReLU({name: 'limited'}), [4], /gradient of a ThresholdedReLU/],
  ['masking', () => layers.masking({name: 'limited'}), [4, 3], /gradient of a Masking/],
  [
    'centerCrop',
    () => (layers as Wrong).centerCrop({height: 2, width: 2, name: 'limited'}),
    [4, 4, 2],
    /gradient of a CenterCrop/,
  ],
];
/** What TensorFlow.js cannot even run. */
const CANNOT_RUN: readonly (readonly [string, () => tf.layers.Layer, number[], RegExp])[] = [
  ['batchNormalization of rank 5', () => layers.batchNormalization({name: 'limited'}), [2, 2, 2, 3], /run .*of rank 5/],
  [
    'conv1d, causal',
    () => layers.conv1d({filters: 2, kernelSize: 2, padding: 'causal', name: 'limited'}),
    [4, 3],
    /run causal padding/,
  ],
];

/** Trained layers around `limited`: a dense one before it, frozen unless `behind`, and a head after it. */
function around(limited: tf.layers.Layer, shape: number[], behind: boolean): tf.LayersModel {
  const input = tf.input({shape});
  const before = layers.dense({units: shape.at(-1)!, activation: 'tanh', name: 'before'});
  before.trainable = behind;
  const features = limited.apply(before.apply(input)) as tf.SymbolicTensor;
  const flat = features.shape.length > 2 ? (layers.flatten().apply(features) as tf.SymbolicTensor) : features;
  const head = layers.dense({units: 2, kernelInitializer: tf.initializers.randomNormal({seed: 5})});
  return tf.model({inputs: input, outputs: head.apply(flat) as tf.SymbolicTensor});
}

describe.each(['cpu', 'wasm'])('on %s', backend => {
  beforeAll(async () => {
    registerTrainingKernels();
    await tf.setBackend(backend);
  });

  test.each([...NO_GRADIENT, ...CANNOT_RUN])(
    '%s fails in training, and is refused before',
    async (_, make, shape, message) => {
      const model = around(make(), shape, true);
      const [xs, ys] = [random([2, ...shape], 1), random([2, 2], 2)];
      await expect(trainSteps(model, xs, ys, 1, [])).rejects.not.toHaveProperty('code');
      leaks.restart();
      await expectError(() => pruneLowMagnitude(model), 'unsupported-layer', message);
      await expectError(
        () => pruneLowMagnitude(model),
        'unsupported-layer',
        /layer 'limited' .*before pruning|without it/,
      );
      const settings = {pruningSchedule: everyStep(0.5)};
      const chosen = (layer: tf.layers.Layer): typeof settings | null => (layer.name === 'before' ? settings : null);
      await expectError(() => pruneLowMagnitude(model, chosen), 'unsupported-layer', message);
    },
  );

  test.each(NO_GRADIENT)('%s is fine where no gradient passes it', async (_, make, shape) => {
    const limited = make();
    limited.trainable = false;
    const model = around(limited, shape, false);
    const [xs, ys] = [random([2, ...shape], 1), random([2, 2], 2)];
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const {history} = await trainSteps(pruned, xs, ys, 2);
    expect(history['loss']![1]).toBeLessThan(history['loss']![0] as number);
    const stripped = stripPruning(pruned);
    tf.dispose([xs, ys]);
    for (const each of [model, pruned, stripped]) disposeModel(each);
  });
});

describe('where a gradient passes', () => {
  const limit = (trainable: boolean): tf.layers.Layer => {
    const layer = layers.conv2d({...dilated, padding: 'same', filters: 3});
    layer.trainable = trainable;
    return layer;
  };
  const dense = (name: string): tf.layers.Layer => layers.dense({units: 3, name});

  test.each<[string, (input: tf.SymbolicTensor) => unknown, boolean]>([
    ['its own weights are trained', input => limit(true).apply(input), true],
    ['nothing before it is trained', input => dense('after').apply(limit(false).apply(input)), false],
    [
      'a layer before it is trained, in a nested model',
      input => {
        const inner = tf.sequential({layers: [layers.dense({units: 3, inputShape: [4, 4, 3]}), layers.reLU()]});
        return limit(false).apply(inner.apply(input));
      },
      true,
    ],
    [
      'that nested model is frozen',
      input => {
        const inner = tf.sequential({layers: [layers.dense({units: 3, inputShape: [4, 4, 3]}), layers.reLU()]});
        inner.trainable = false;
        return dense('after').apply(limit(false).apply(inner.apply(input)));
      },
      false,
    ],
    [
      'it is inside a nested model behind a trained layer',
      input => {
        const inside = tf.input({shape: [4, 4, 3]});
        const inner = tf.model({inputs: inside, outputs: limit(false).apply(inside) as tf.SymbolicTensor});
        return inner.apply(dense('before').apply(input));
      },
      true,
    ],
    [
      'it is used twice, once behind a trained layer',
      input => {
        const shared = limit(false);
        return layers
          .add()
          .apply([shared.apply(input), shared.apply(dense('between').apply(input))] as tf.SymbolicTensor[]);
      },
      true,
    ],
    [
      'the trained layer stands on another branch',
      input => layers.add().apply([limit(false).apply(input), dense('branch').apply(input)] as tf.SymbolicTensor[]),
      false,
    ],
  ])('%s', async (_, outputs, refused) => {
    await tf.setBackend('cpu');
    const input = tf.input({shape: [4, 4, 3]});
    const model = tf.model({inputs: input, outputs: outputs(input) as tf.SymbolicTensor});
    if (refused) {
      await expectError(() => pruneLowMagnitude(model), 'unsupported-layer', /'limited' \(Conv2D\)/);
    } else {
      const xs = random([2, 4, 4, 3], 1);
      const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
      pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
      await trainSteps(pruned, xs, xs, 1);
      xs.dispose();
      disposeModel(pruned);
    }
    disposeModel(model);
  });

  test.each<[string, () => tf.layers.Layer, boolean]>([
    ['alone and trained', () => limit(true), true],
    ['alone and frozen', () => limit(false), false],
    ['alone and without weights', () => layers.thresholdedReLU(), false],
    ['alone, of unknown rank', () => layers.batchNormalization({axis: 1}), false],
  ])('a layer %s', async (_, make, refused) => {
    if (refused) await expectError(() => pruneLowMagnitude(make()), 'unsupported-layer', /dilated/);
    else expect(pruneLowMagnitude(make()).getClassName()).toBe('PruneLowMagnitude');
    if (refused) await expectError(() => pruneLowMagnitude([dense('a'), make()]), 'unsupported-layer', /dilated/);
  });
});

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {sparsity} from 'tfjs-model-optimization';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {beforeAll, describe, expect, test} from 'vitest';
import {WRAPPER_CLASSES} from '../../src/artifacts/wrappers.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {configOf, disposeModel, everyStep, random, saved, trainSteps, weightsOf} from './_training.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize} = sparsity;
const {layers} = tf;

interface Parameters {
  readonly scale: boolean;
  readonly center: boolean;
}
type Normalize = (parameters: Parameters) => tf.layers.Layer;

const glorot = (seed: number): object => ({kernelInitializer: tf.initializers.glorotUniform({seed})});
const batch: Normalize = given => layers.batchNormalization({...given, name: 'norm'});
const layer: Normalize = given => layers.layerNormalization({...given, name: 'norm'});
const perStep: Normalize = given =>
  layers.timeDistributed({layer: layers.batchNormalization({...given, name: 'norm'}), name: 'steps'});
const MISSING: readonly Parameters[] = [
  {scale: false, center: true},
  {scale: true, center: false},
  {scale: false, center: false},
];
const CASES = Object.entries({batch, layer, perStep}).flatMap(([name, normalize]) =>
  MISSING.map(parameters => [name, parameters, normalize] as const),
);

/** A convolution, a normalisation and a dense layer. */
function network(normalization: tf.layers.Layer): tf.Sequential {
  return tf.sequential({
    name: 'network',
    layers: [
      layers.conv2d({filters: 4, kernelSize: 2, useBias: false, inputShape: [5, 5, 2], name: 'conv', ...glorot(1)}),
      normalization,
      layers.reLU({name: 'relu'}),
      layers.flatten({name: 'flat'}),
      layers.dense({units: 3, name: 'head', ...glorot(2)}),
    ],
  });
}

/** The variables in a layer, found by their names at the end. */
function variable(model: tf.LayersModel, end: string): tf.LayerVariable | undefined {
  return model.weights.find(({originalName}) => originalName.endsWith(end));
}

describe.each(['cpu', 'wasm'])('on %s', backend => {
  beforeAll(async () => {
    registerTrainingKernels();
    await tf.setBackend(backend);
  });

  test.each(CASES)('%s normalisation with %o trains as with constants in their places', async (_, given, normalize) => {
    const xs = random([6, 5, 5, 2], 3);
    const ys = random([6, 3], 4);
    const model = network(normalize(given));
    const whole = network(normalize({scale: true, center: true}));
    const options = {pruningSchedule: everyStep(0.5)};
    const pruned = pruneLowMagnitude(model, options);
    const reference = pruneLowMagnitude(whole, options);
    if (!given.scale) variable(reference, 'gamma')!.trainable = false;
    if (!given.center) variable(reference, 'beta')!.trainable = false;
    const history = await trainSteps(pruned, xs, ys, 3);
    const expected = await trainSteps(reference, xs, ys, 3);
    expect(history.history['loss']).toEqual(expected.history['loss']);
    const own = weightsOf(pruned);
    expect(weightsOf(reference)).toMatchObject(own);
    expect(Object.keys(own).filter(name => name.endsWith('gamma'))).toHaveLength(given.scale ? 1 : 0);
    expect(Object.keys(own).filter(name => name.endsWith('beta'))).toHaveLength(given.center ? 1 : 0);

    const stripped = stripPruning(pruned);
    expect(configOf(stripped)).toEqual(configOf(model));
    expect(stripped.weights.map(each => each.originalName)).toEqual(model.weights.map(each => each.originalName));
    const {modelTopology} = await (await saved(stripped)).load!();
    expect(JSON.stringify(modelTopology)).toContain('Normalization');
    expect(JSON.stringify(modelTopology)).not.toContain('Trainable');
    const predictions = [pruned, stripped].map(each => each.predict(xs) as tf.Tensor);
    expect(predictions[1]!.dataSync()).toEqual(predictions[0]!.dataSync());

    tf.dispose([xs, ys, predictions]);
    for (const each of [model, whole, pruned, reference, stripped]) disposeModel(each);
  });

  test.each(CASES)('%s normalisation with %o is saved, loaded and gone on with', async (_, given, normalize) => {
    const xs = random([6, 5, 5, 2], 3);
    const ys = random([6, 3], 4);
    const model = network(normalize(given));
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const own = tf.train.adam(0.01);
    pruned.compile({optimizer: own, loss: 'meanSquaredError'});
    await trainSteps(pruned, xs, ys, 2);
    const resumed = await tf.loadLayersModel(await saved(pruned));
    expect(configOf(resumed)).toEqual(configOf(pruned));
    expect(weightsOf(resumed)).toEqual(weightsOf(pruned));
    for (const each of [pruned, resumed]) await trainSteps(each, xs, ys, 2);
    expect(weightsOf(resumed)).toEqual(weightsOf(pruned));
    const stripped = stripPruning(resumed);
    expect(configOf(stripped)).toEqual(configOf(model));

    tf.dispose([xs, ys]);
    for (const each of [model, pruned, resumed, stripped]) disposeModel(each);
    own.dispose();
    resumed.optimizer.dispose();
    // TF.js itself leaves the iteration count of the save.
    leaks.expect(1);
  });

  test('so does one that is not wrapped, in a nested model, and used twice', async () => {
    const inner = tf.sequential({
      name: 'inner',
      layers: [
        layers.dense({units: 4, useBias: false, inputShape: [4], name: 'dense', ...glorot(5)}),
        layers.batchNormalization({scale: false, name: 'norm'}),
      ],
    });
    const input = tf.input({shape: [4]});
    const twice = inner.apply(inner.apply(input)) as tf.SymbolicTensor;
    const model = tf.model({inputs: input, outputs: twice});
    const pruned = pruneLowMagnitude(model, each =>
      each.getClassName() === 'Dense' ? {pruningSchedule: everyStep(0.5)} : null,
    );
    const xs = random([6, 4], 3);
    await trainSteps(pruned, xs, xs, 2);
    expect(JSON.stringify(configOf(pruned))).toContain('"className":"TrainableBatchNormalization"');
    expect((await summarize(pruned)).skipped.map(({className}) => className)).toContain('BatchNormalization');
    const again = pruneLowMagnitude(pruned);
    expect(again.weights.map(({originalName}) => originalName)).toContain('prune_low_magnitude_norm/moving_mean');
    const stripped = stripPruning(again);
    expect(configOf(stripped)).toEqual(configOf(model));
    xs.dispose();
    for (const each of [model, pruned, again, stripped]) disposeModel(each);
  });

  test('and a small Inception, whose normalisations have no scale', async () => {
    let seed = 10;
    const convolution = (x: tf.SymbolicTensor, filters: number, kernelSize: number, strides = 1): tf.SymbolicTensor => {
      const options = {filters, kernelSize, strides, padding: 'same', useBias: false, ...glorot(seed++)} as const;
      const normalized = layers.batchNormalization({scale: false}).apply(layers.conv2d(options).apply(x));
      return layers.activation({activation: 'relu'}).apply(normalized) as tf.SymbolicTensor;
    };
    const input = tf.input({shape: [8, 8, 3]});
    const stem = convolution(input, 4, 3, 2);
    const pooled = layers.averagePooling2d({poolSize: 3, strides: 1, padding: 'same'}).apply(stem) as tf.SymbolicTensor;
    const branches = [convolution(stem, 3, 1), convolution(convolution(stem, 2, 1), 3, 3), convolution(pooled, 2, 1)];
    const features = layers.globalAveragePooling2d({}).apply(layers.concatenate().apply(branches));
    const outputs = layers.dense({units: 2, ...glorot(seed)}).apply(features) as tf.SymbolicTensor;
    const model = tf.model({inputs: input, outputs});
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const [xs, ys] = [random([4, 8, 8, 3], 6), random([4, 2], 7)];
    const {history} = await trainSteps(pruned, xs, ys, 3);
    expect(history['loss']!.every(Number.isFinite)).toBe(true);
    expect(history['loss']![2]).not.toBe(history['loss']![0]);
    const stripped = stripPruning(pruned);
    expect(configOf(stripped)).toEqual(configOf(model));
    for (const {sparsity: realised} of (await summarize(stripped)).weights) expect(realised).toBeCloseTo(0.5, 1);
    tf.dispose([xs, ys]);
    for (const each of [model, pruned, stripped]) disposeModel(each);
  });
});

test('every class that a model has in training alone is registered, and summarize sees it', async () => {
  const map = tf.serialization.SerializationMap.getMap().classNameMap;
  for (const className of Object.keys(WRAPPER_CLASSES)) expect(Object.keys(map)).toContain(className);
  const model = network(batch({scale: false, center: true}));
  const pruned = pruneLowMagnitude(model);
  const stripped = stripPruning(pruned);
  for (const [each, inTraining] of [
    [model, false],
    [pruned, true],
    [stripped, false],
  ] as const) {
    expect(await summarize(each)).toMatchObject({inTraining});
    each.dispose();
  }
});

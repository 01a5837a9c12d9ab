import * as tf from '@tensorflow/tfjs';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../../testing/leaks.ts';
import {rebuild} from './rebuild.ts';
import {mapLayers, savedLayer} from './saved-layer.ts';

checkLeaks();

const {layers, initializers, regularizers, constraints} = tf;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const kernel = {
  kernelInitializer: initializers.ones(),
  kernelRegularizer: regularizers.l1({l1: 0.5}),
  kernelConstraint: constraints.nonNeg(),
  biasRegularizer: regularizers.l2({l2: 0.25}),
  biasConstraint: constraints.maxNorm({maxValue: 3}),
};
const depthwise = {
  depthwiseInitializer: initializers.ones(),
  depthwiseRegularizer: regularizers.l1({l1: 0.5}),
  depthwiseConstraint: constraints.nonNeg(),
  depthMultiplier: 3,
};
const recurrent = {
  units: 3,
  ...kernel,
  recurrentInitializer: initializers.zeros(),
  recurrentConstraint: constraints.nonNeg(),
  dropout: 0.25,
  recurrentDropout: 0.5,
  recurrentActivation: 'sigmoid',
  implementation: 2,
  returnSequences: true,
  returnState: true,
  goBackwards: true,
} as const;

/** Layers that are nowhere as they are by default. */
const LAYERS: Readonly<Record<string, () => tf.layers.Layer>> = {
  activation: () => layers.activation({activation: 'tanh'}),
  alphaDropout: () => layers.alphaDropout({rate: 0.5, noiseShape: [1, 2]}),
  averagePooling1d: () => layers.averagePooling1d({poolSize: 3, strides: 2, padding: 'same'}),
  averagePooling2d: () => layers.averagePooling2d({poolSize: 3, strides: [2, 1], padding: 'same'}),
  batchNormalization: () =>
    layers.batchNormalization({
      axis: 2,
      momentum: 0.5,
      epsilon: 0.1,
      center: false,
      gammaConstraint: kernel.kernelConstraint,
    }),
  bidirectional: () => layers.bidirectional({layer: layers.gru(recurrent), mergeMode: 'mul'}),
  conv1d: () => layers.conv1d({filters: 2, kernelSize: 3, dilationRate: 2, activation: 'relu', ...kernel}),
  conv2d: () =>
    layers.conv2d({filters: 2, kernelSize: [3, 2], strides: [1, 2], padding: 'same', useBias: false, ...kernel}),
  conv2dTranspose: () => layers.conv2dTranspose({filters: 2, kernelSize: 3, strides: 2, padding: 'same', ...kernel}),
  conv3d: () => layers.conv3d({filters: 2, kernelSize: 3, strides: [1, 2, 1], dataFormat: 'channelsFirst', ...kernel}),
  cropping2D: () =>
    layers.cropping2D({
      cropping: [
        [1, 2],
        [3, 4],
      ],
    }),
  dense: () => layers.dense({units: 2, activation: 'gelu', useBias: false, ...kernel}),
  depthwiseConv2d: () => layers.depthwiseConv2d({kernelSize: [3, 2], strides: 2, ...depthwise}),
  'depthwiseConv2d without regularizer': () =>
    layers.depthwiseConv2d({kernelSize: 2, depthwiseConstraint: kernel.kernelConstraint}),
  'depthwiseConv2d without constraint': () => layers.depthwiseConv2d({kernelSize: 2, depthwiseRegularizer: 'l1l2'}),
  dot: () => layers.dot({axes: [1, 2], normalize: true}) as tf.layers.Layer,
  dropout: () => layers.dropout({rate: 0.5, noiseShape: [1, 2], seed: 3}),
  embedding: () =>
    layers.embedding({inputDim: 5, outputDim: 3, maskZero: true, embeddingsConstraint: 'nonNeg', inputLength: 4}),
  gaussianDropout: () => layers.gaussianDropout({rate: 0.5}),
  gaussianNoise: () => layers.gaussianNoise({stddev: 0.5}),
  gru: () => layers.gru(recurrent) as tf.layers.Layer,
  layerNormalization: () => layers.layerNormalization({axis: [1, 2], epsilon: 0.1, scale: false}),
  leakyReLU: () => layers.leakyReLU({alpha: 0.5}),
  lstm: () => layers.lstm({...recurrent, unitForgetBias: false}) as tf.layers.Layer,
  masking: () => layers.masking({maskValue: 3}),
  permute: () => layers.permute({dims: [2, 1]}),
  prelu: () => layers.prelu({alphaInitializer: 'ones', alphaConstraint: kernel.kernelConstraint, sharedAxes: [1]}),
  reLU: () => layers.reLU({maxValue: 3}),
  repeatVector: () => layers.repeatVector({n: 3}),
  reshape: () => layers.reshape({targetShape: [2, 3]}),
  separableConv2d: () =>
    layers.separableConv2d({
      filters: 2,
      kernelSize: 3,
      strides: 2,
      pointwiseConstraint: kernel.kernelConstraint,
      ...depthwise,
    }),
  simpleRNN: () => layers.simpleRNN(recurrent) as tf.layers.Layer,
  softmax: () => layers.softmax({axis: 1}),
  spatialDropout1d: () => layers.spatialDropout1d({rate: 0.5, seed: 3}),
  thresholdedReLU: () => layers.thresholdedReLU({theta: 0.5}),
  timeDistributed: () =>
    layers.timeDistributed({layer: layers.separableConv2d({filters: 2, kernelSize: 3, ...depthwise})}),
  upSampling2d: () => layers.upSampling2d({size: [2, 3], interpolation: 'bilinear'}),
  zeroPadding2d: () =>
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [3, 4],
      ],
    }),
};

/** What differs between any two layers of one kind. */
const OWN = new Set(['id', 'name', '_callHook', '_addedWeightNames', 'dtype', 'getConfig']);

/** The plain data in an object and in the objects and lists in it. */
function dataOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'function' : value;
  if (Array.isArray(value)) return value.map(dataOf);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OWN.has(name))
      .map(([name, each]) => [name, dataOf(each)]),
  );
}

test.each(Object.entries(LAYERS))('%s is rebuilt with all it was made of', (_, make) => {
  const layer = make();
  const again = rebuild(savedLayer(layer));
  expect(dataOf(again)).toEqual(dataOf(layer));
  expect(again.getConfig()).toMatchObject(savedLayer(layer).config);
  const third = rebuild({className: again.getClassName(), config: JSON.parse(JSON.stringify(again.getConfig()))});
  expect(dataOf(third)).toEqual(dataOf(layer));
});

test('the depth multiplier is that of the weight, where there is one', () => {
  const layer = layers.separableConv2d({filters: 2, kernelSize: 3, depthMultiplier: 4, inputShape: [5, 5, 2]});
  const model = tf.sequential({layers: [layer, layers.flatten()]});
  (layer as unknown as {depthMultiplier: number}).depthMultiplier = 1;
  expect(savedLayer(layer).config['depthMultiplier']).toBe(4);
  const saved = savedLayer(model).config['layers'] as unknown as {config: Record<string, unknown>}[];
  expect(saved[0]!.config['depthMultiplier']).toBe(4);
  model.dispose();
});

test('a change reaches every layer inside, the innermost first, and leaves functions alone', () => {
  const schedule = (): number => 5;
  const inner = {className: 'A', config: {units: 2}};
  const saved = {className: 'Model', config: {layers: [{className: 'B', config: {layer: inner, schedule}, name: 'b'}]}};
  const copy = structuredClone({...saved, config: {layers: [{className: 'B', config: {layer: inner}, name: 'b'}]}});
  const seen: string[] = [];
  const changed = mapLayers(saved as never, layer => {
    seen.push(layer.className);
    return {...layer, className: layer.className.toLowerCase()};
  });
  expect(seen).toEqual(['A', 'B', 'Model']);
  expect(changed).toEqual({
    className: 'model',
    config: {
      layers: [{className: 'b', config: {layer: {className: 'a', config: {units: 2}}, schedule}, name: 'b'}],
    },
  });
  expect(saved.config.layers[0]!.className).toBe(copy.config.layers[0]!.className);
  expect(inner.className).toBe('A');
});

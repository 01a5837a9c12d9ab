import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {beforeAll, expect, test} from 'vitest';
import {registerTrainingKernels} from './index.ts';

beforeAll(() => {
  registerTrainingKernels();
});

const {layers} = tf;

/**
 * The layers of TensorFlow.js with weights or a gradient of their own: input shape without batch, and what to train.
 * Not here: `thresholdedReLU` has no gradient on any backend, `alphaDropout` takes no seed, and the cpu backend's
 * gradient of `upSampling2d` is wrong for batches.
 */
const STACKS: Readonly<Record<string, readonly [number[], () => tf.layers.Layer[]]>> = {
  activation: [
    [6],
    () =>
      ['elu', 'relu6', 'selu', 'sigmoid', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu'].map(activation =>
        layers.activation({activation: activation as 'elu'}),
      ),
  ],
  averagePooling1d: [[8, 3], () => [layers.averagePooling1d({})]],
  averagePooling2d: [[6, 6, 3], () => [layers.averagePooling2d({poolSize: 3, strides: 2, padding: 'same'})]],
  averagePooling3d: [[4, 4, 4, 2], () => [layers.averagePooling3d({})]],
  batchNormalization: [[5, 5, 3], () => [layers.batchNormalization()]],
  bidirectional: [[4, 3], () => [layers.bidirectional({layer: layers.lstm({units: 3})})]],
  conv1d: [[8, 3], () => [layers.conv1d({filters: 4, kernelSize: 3, activation: 'relu'})]],
  conv2d: [[6, 6, 2], () => [layers.conv2d({filters: 4, kernelSize: 3, strides: 2})]],
  conv2dTranspose: [
    [4, 4, 2],
    () => [layers.conv2dTranspose({filters: 3, kernelSize: 3, strides: 2, padding: 'same'})],
  ],
  conv3d: [[4, 4, 4, 2], () => [layers.conv3d({filters: 3, kernelSize: 2})]],
  convLstm2d: [[3, 5, 5, 2], () => [layers.convLstm2d({filters: 2, kernelSize: 3})]],
  cropping2D: [
    [6, 6, 2],
    () => [
      layers.cropping2D({
        cropping: [
          [1, 1],
          [1, 2],
        ],
      }),
    ],
  ],
  dense: [[6], () => [layers.dense({units: 5, activation: 'relu'})]],
  'dense over steps': [[3, 4], () => [layers.dense({units: 5})]],
  depthwiseConv2d: [[6, 6, 2], () => [layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2})]],
  dropout: [[6], () => [layers.dropout({rate: 0.5, seed: 3})]],
  elu: [[6], () => [layers.elu()]],
  embedding: [[], () => [layers.embedding({inputDim: 7, outputDim: 4, inputLength: 5})]],
  gaussianNoise: [[6], () => [layers.gaussianNoise({stddev: 0})]],
  globalAveragePooling1d: [[5, 3], () => [layers.globalAveragePooling1d({})]],
  globalAveragePooling2d: [[5, 5, 3], () => [layers.globalAveragePooling2d({})]],
  globalMaxPooling1d: [[5, 3], () => [layers.globalMaxPool1d({})]],
  globalMaxPooling2d: [[5, 5, 3], () => [layers.globalMaxPooling2d({})]],
  gru: [[4, 3], () => [layers.gru({units: 3})]],
  layerNormalization: [[6], () => [layers.layerNormalization()]],
  leakyReLU: [[6], () => [layers.leakyReLU()]],
  lstm: [[4, 3], () => [layers.lstm({units: 3, returnSequences: true}), layers.lstm({units: 2})]],
  maxPooling1d: [[8, 3], () => [layers.maxPooling1d({})]],
  maxPooling2d: [[6, 6, 3], () => [layers.maxPooling2d({poolSize: 3, strides: 2, padding: 'same'})]],
  maxPooling3d: [[4, 4, 4, 2], () => [layers.maxPooling3d({})]],
  permute: [[3, 4], () => [layers.permute({dims: [2, 1]})]],
  prelu: [[6], () => [layers.prelu({alphaInitializer: 'randomNormal'})]],
  reLU: [[6], () => [layers.reLU({maxValue: 6})]],
  repeatVector: [[6], () => [layers.repeatVector({n: 3})]],
  separableConv2d: [[6, 6, 2], () => [layers.separableConv2d({filters: 3, kernelSize: 3, depthMultiplier: 2})]],
  simpleRNN: [[4, 3], () => [layers.simpleRNN({units: 3})]],
  softmax: [[6], () => [layers.softmax({})]],
  spatialDropout1d: [[6, 2], () => [layers.spatialDropout1d({rate: 0})]],
  timeDistributed: [[4, 5, 5, 1], () => [layers.timeDistributed({layer: layers.conv2d({filters: 2, kernelSize: 3})})]],
  zeroPadding2d: [[3, 3, 2], () => [layers.zeroPadding2d({})]],
};

/** Weights after three steps of training, and how many tensors the third left behind. */
async function train(backend: string, shape: number[], make: () => tf.layers.Layer[]) {
  await tf.setBackend(backend);
  const model = tf.sequential();
  // A dense layer in front makes every layer after it compute an input gradient.
  if (shape.length > 0) model.add(layers.dense({units: shape.at(-1)!, inputShape: shape}));
  for (const layer of make()) model.add(layer);
  if (model.outputs[0]!.shape.length > 2) model.add(layers.flatten());
  model.add(layers.dense({units: 2}));
  model.compile({optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError'});
  tf.tidy(() => model.setWeights(model.getWeights().map((weight, i) => wave(weight.shape, i + 1))));
  const x = shape.length > 0 ? wave([4, ...shape], 0) : tf.tensor2d([1, 2, 3, 1, 0, 6, 5, 4, 1, 1], [2, 5]);
  const y = tf.ones([x.shape[0]!, 2]);
  for (let step = 0; step < 2; step++) await model.trainOnBatch(x, y);
  const before = tf.memory().numTensors;
  await model.trainOnBatch(x, y);
  const left = tf.memory().numTensors - before;
  const weights = await Promise.all(model.getWeights().map(weight => weight.data()));
  model.dispose();
  tf.dispose([x, y]);
  return {left, weights: weights.flatMap(values => [...values])};
}

function wave(shape: number[], phase: number): tf.Tensor {
  return tf.tidy(() => {
    const size = tf.util.sizeFromShape(shape);
    return tf.reshape(tf.mul(tf.sin(tf.add(tf.mul(tf.range(0, size), 1.7), phase)), 0.5), shape);
  });
}

test.each(Object.entries(STACKS))('%s trains on wasm as on cpu', async (_, [shape, make]) => {
  const expected = await train('cpu', shape, make);
  const actual = await train('wasm', shape, make);
  expect(actual.left).toBe(0);
  expect(actual.weights.length).toBe(expected.weights.length);
  const scale = Math.max(...expected.weights.map(Math.abs));
  const worst = Math.max(...expected.weights.map((weight, i) => Math.abs(weight - actual.weights[i]!)));
  expect(worst / scale).toBeLessThanOrEqual(1e-5);
});

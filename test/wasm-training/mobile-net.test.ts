import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {sparsity} from 'tfjs-model-optimization';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {nsfwArtifacts} from '../../testing/nsfwjs.ts';
import {fullRun, nsfwModels, unmet} from '../_needs.ts';
import {disposeModel, everyStep, random, trainSteps} from '../sparsity/_training.ts';

checkLeaks();

const {layers} = tf;
const {pruneLowMagnitude, stripPruning} = sparsity;

beforeAll(async () => {
  registerTrainingKernels();
  await tf.setBackend('wasm');
});

test('a small MobileNetV2 is pruned in two steps of training', async () => {
  const losses = await pruneTwoSteps(smallMobileNet(), [13, 11, 3], 5);
  await tf.setBackend('cpu');
  const expected = await pruneTwoSteps(smallMobileNet(), [13, 11, 3], 5);
  await tf.setBackend('wasm');
  for (const [step, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[step]!, 5);
});

const needs = unmet(fullRun, nsfwModels);
describe.skipIf(needs)(`MobileNetV2${needs}`, () => {
  test('as published, with its weights, is pruned in two steps of training', async () => {
    const model = await tf.loadLayersModel({load: async () => nsfwArtifacts('mobilenet_v2')});
    await pruneTwoSteps(model, [224, 224, 3], 5);
  });
});

/** Prunes half of every kernel while the model learns for two steps, and checks what comes out; the losses. */
async function pruneTwoSteps(model: tf.LayersModel, image: number[], classes: number): Promise<number[]> {
  const x = random([2, ...image], 1);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d([1, 3], 'int32'), classes));
  const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
  disposeModel(model);
  const optimizer = tf.train.sgd(0.01);
  pruned.compile({optimizer, loss: 'categoricalCrossentropy'});
  const {history} = await trainSteps(pruned, x, y, 2);
  const losses = history['loss'] as number[];
  expect(losses.map(Number.isFinite)).toEqual([true, true]);

  const stripped = stripPruning(pruned);
  disposeModel(pruned);
  for (const layer of stripped.layers.filter(layer => ['Conv2D', 'Dense'].includes(layer.getClassName()))) {
    const kernel = layer.getWeights()[0]!;
    const zeros = (await kernel.data()).filter(value => value === 0).length;
    expect(zeros, layer.name).toBe(kernel.size - Math.round(kernel.size * 0.5));
  }
  const answer = stripped.predict(x) as tf.Tensor;
  expect(answer.shape).toEqual([2, classes]);
  expect((await answer.data()).every(value => Number.isFinite(value))).toBe(true);
  disposeModel(stripped);
  optimizer.dispose();
  tf.dispose([x, y, answer]);
  return losses;
}

/** The blocks of MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381), few and narrow, on an image of odd size. */
function smallMobileNet(): tf.LayersModel {
  const apply = (x: tf.SymbolicTensor, ...stack: tf.layers.Layer[]): tf.SymbolicTensor =>
    stack.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x);
  const normalised = (): tf.layers.Layer => layers.batchNormalization() as unknown as tf.layers.Layer;
  const relu6 = (): tf.layers.Layer => layers.reLU({maxValue: 6}) as unknown as tf.layers.Layer;
  const pointwise = (filters: number): tf.layers.Layer =>
    layers.conv2d({filters, kernelSize: 1, padding: 'same', useBias: false});
  const block = (x: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor => {
    const depthwise = layers.depthwiseConv2d({kernelSize: 3, strides, padding: 'same', useBias: false});
    const wide = apply(x, pointwise(filters * 2), normalised(), relu6(), depthwise, normalised(), relu6());
    const narrow = apply(wide, pointwise(filters), normalised());
    const isResidual = strides === 1 && x.shape.at(-1) === filters;
    return isResidual ? (layers.add().apply([x, narrow]) as tf.SymbolicTensor) : narrow;
  };
  const input = tf.input({shape: [13, 11, 3]});
  const first = layers.conv2d({filters: 4, kernelSize: 3, strides: 2, padding: 'same', useBias: false});
  const stem = apply(input, first, normalised(), relu6());
  const features = block(block(block(stem, 4, 1), 6, 2), 6, 1);
  const outputs = apply(
    features,
    layers.globalAveragePooling2d({}) as unknown as tf.layers.Layer,
    layers.dropout({rate: 0.2, seed: 1}),
    layers.dense({units: 5, activation: 'softmax'}),
  );
  const model = tf.model({inputs: input, outputs});
  // The same weights on every backend, variances of batch normalisation (ones) left alone.
  tf.tidy(() => {
    for (const [i, weight] of model.trainableWeights.entries()) {
      const {shape} = weight;
      if (shape.length > 1) weight.write(tf.randomNormal(shape as number[], 0, 0.3, 'float32', i + 1));
    }
  });
  return model;
}

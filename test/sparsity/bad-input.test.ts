import * as tf from '@tensorflow/tfjs';
import {type ErrorCode, isTfmotError, sparsity} from 'tfjs-model-optimization';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {configOf, everyStep, random, saved, trainSteps, weightsOf} from './_training.ts';

const {
  constantSparsity,
  polynomialDecay,
  pruneForLatencyOnXnnpack,
  pruneLowMagnitude,
  stripPruning,
  summarize,
  updatePruningStep,
} = sparsity;

/** What a function or promise throws. */
async function thrown(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

async function expectError(run: () => unknown, code: ErrorCode, message: RegExp): Promise<void> {
  const error = await thrown(run);
  expect(isTfmotError(error), String(error)).toBe(true);
  expect(error).toMatchObject({code, message: expect.stringMatching(message)});
}

// biome-ignore lint/suspicious/noExplicitAny: wrong values are the point
type Wrong = any;

class Unregistered extends tf.layers.Layer {
  static className = 'Unregistered';
  getPrunableWeights(): tf.LayerVariable[] {
    return [];
  }
}

/** A layer whose only weight has one dimension, which it wants pruned. */
class Scale extends tf.layers.Layer {
  static className = 'Scale';
  override build(inputShape: tf.Shape): void {
    this.addWeight('scale', [inputShape[1]!], 'float32', tf.initializers.ones(), undefined, true);
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul((inputs as tf.Tensor[])[0]!, this.weights[0]!.read());
  }
  getPrunableWeights(): tf.LayerVariable[] {
    return this.weights;
  }
}
tf.serialization.registerClass(Scale);

let model: tf.Sequential;
let scaled: tf.Sequential;
let unregistered: tf.Sequential;
let before: {config: unknown; weights: unknown; tensors: number};

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = tf.sequential({
    layers: [tf.layers.dense({units: 4, inputShape: [4], name: 'dense'}), tf.layers.dropout({rate: 0.5})],
  });
  unregistered = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [4]}), new Unregistered({})]});
  scaled = tf.sequential({layers: [new Scale({inputShape: [4]}), tf.layers.dense({units: 2})]});
});
afterAll(() => {
  model.dispose();
  scaled.dispose();
  unregistered.dispose();
});
beforeEach(() => {
  before = {config: configOf(model), weights: weightsOf(model), tensors: tf.memory().numTensors};
});
afterEach(() => {
  expect({config: configOf(model), weights: weightsOf(model), tensors: tf.memory().numTensors}).toEqual(before);
});

const steps = {beginStep: 0, endStep: 10};
const decay = {initialSparsity: 0.2, finalSparsity: 0.8, ...steps};

describe('schedules', () => {
  test.each<[string, () => unknown, ErrorCode, RegExp]>([
    [
      'a percentage',
      () => constantSparsity({targetSparsity: 90, ...steps}),
      'invalid-sparsity',
      /got 90\. Did you mean 0\.9\?/,
    ],
    ['sparsity 1', () => constantSparsity({targetSparsity: 1, ...steps}), 'invalid-sparsity', /\[0, 1\).*got 1\.$/],
    [
      'a negative sparsity',
      () => constantSparsity({targetSparsity: -0.001, ...steps}),
      'invalid-sparsity',
      /got -0\.001/,
    ],
    ['NaN', () => constantSparsity({targetSparsity: Number.NaN, ...steps}), 'invalid-sparsity', /got NaN/],
    ['no sparsity', () => constantSparsity({...steps} as Wrong), 'invalid-sparsity', /targetSparsity.*got undefined/],
    ['text', () => constantSparsity({targetSparsity: '0.5', ...steps} as Wrong), 'invalid-sparsity', /got "0\.5"/],
    [
      'an initial percentage',
      () => polynomialDecay({...decay, initialSparsity: 20}),
      'invalid-sparsity',
      /initialSparsity.*0\.2\?/,
    ],
    [
      'a final sparsity of 10',
      () => polynomialDecay({...decay, finalSparsity: 10}),
      'invalid-sparsity',
      /finalSparsity.*0\.1\?/,
    ],
    ['begin -1', () => constantSparsity({targetSparsity: 0.5, beginStep: -1}), 'invalid-schedule', /beginStep.*got -1/],
    ['begin -5', () => polynomialDecay({...decay, beginStep: -5}), 'invalid-schedule', /beginStep.*got -5/],
    ['begin 1.5', () => polynomialDecay({...decay, beginStep: 1.5}), 'invalid-schedule', /integer.*got 1\.5/],
    [
      'end -5',
      () => constantSparsity({targetSparsity: 0.5, beginStep: 10, endStep: -5}),
      'invalid-schedule',
      /endStep.*-1 for no end.*got -5/,
    ],
    ['a decay without end', () => polynomialDecay({...decay, endStep: -1}), 'invalid-schedule', /endStep.*got -1/],
    [
      'a decay to nowhere',
      () => polynomialDecay({...decay, endStep: Number.POSITIVE_INFINITY}),
      'invalid-schedule',
      /got Infinity/,
    ],
    [
      'end before begin',
      () => polynomialDecay({...decay, beginStep: 10, endStep: 5}),
      'invalid-schedule',
      /before beginStep 10, but got 5/,
    ],
    [
      'frequency 0',
      () => constantSparsity({targetSparsity: 0.5, beginStep: 0, frequency: 0}),
      'invalid-schedule',
      /frequency.*got 0/,
    ],
    ['frequency -5', () => polynomialDecay({...decay, frequency: -5}), 'invalid-schedule', /frequency.*got -5/],
    ['frequency 2.5', () => polynomialDecay({...decay, frequency: 2.5}), 'invalid-schedule', /frequency.*got 2\.5/],
    ['power 0', () => polynomialDecay({...decay, power: 0}), 'invalid-schedule', /power.*got 0/],
    [
      'a name that does not survive saving',
      () => sparsity.registerPruningSchedule('my_schedule', () => everyStep(0.5)),
      'invalid-schedule',
      /letters and digits.*'my_schedule'/,
    ],
  ])('%s', async (_, run, code, message) => expectError(run, code, message));

  test('steps that look wrong and are not', () => {
    for (const beginStep of [0, 1, 100]) constantSparsity({targetSparsity: 0, beginStep});
    for (const endStep of [0, 1, 100]) polynomialDecay({...decay, endStep});
    polynomialDecay({...decay, initialSparsity: 0.9, finalSparsity: 0.1, beginStep: 10});
  });
});

describe('pruneLowMagnitude', () => {
  const dense = (): tf.layers.Layer => tf.layers.dense({units: 2});
  test.each<[string, () => unknown, ErrorCode, RegExp]>([
    [
      'no model',
      () => pruneLowMagnitude(undefined as Wrong),
      'invalid-argument',
      /tf\.LayersModel, a layer or a list.*undefined/,
    ],
    ['an object', () => pruneLowMagnitude({} as Wrong), 'invalid-argument', /got \{\}/],
    ['a list with a model', () => pruneLowMagnitude([dense(), model]), 'invalid-argument', /entry 1 is the model/],
    ['a list with a number', () => pruneLowMagnitude([3] as Wrong), 'invalid-argument', /entry 0 is 3/],
    [
      'settings that are none',
      () => pruneLowMagnitude(model, 0.5 as Wrong),
      'invalid-argument',
      /settings must be an object.*0\.5/,
    ],
    [
      'a function for a layer',
      () => pruneLowMagnitude(dense(), (() => null) as Wrong),
      'invalid-argument',
      /whole models/,
    ],
    [
      'a schedule that is none',
      () => pruneLowMagnitude(model, {pruningSchedule: {targetSparsity: 0.5} as Wrong}),
      'invalid-schedule',
      /methods sparsityAt, shouldPruneAt/,
    ],
    [
      'pooling MIN',
      () => pruneLowMagnitude(model, {blockPoolingType: 'MIN' as Wrong}),
      'invalid-block-size',
      /'AVG' or 'MAX', but got "MIN"/,
    ],
    [
      'pooling avg',
      () => pruneLowMagnitude(dense(), {blockPoolingType: 'avg' as Wrong}),
      'invalid-block-size',
      /got "avg"/,
    ],
    [
      'a block of zero',
      () => pruneLowMagnitude(model, {blockSize: [0, 4]}),
      'invalid-block-size',
      /two positive integers.*\[0,4\]/,
    ],
    ['half a block', () => pruneLowMagnitude(model, {blockSize: [4] as Wrong}), 'invalid-block-size', /\[4\]/],
    ['a fractional block', () => pruneLowMagnitude(model, {blockSize: [1.5, 2]}), 'invalid-block-size', /\[1\.5,2\]/],
    [
      'm:n of one number',
      () => pruneLowMagnitude(model, {sparsityMByN: 2 as Wrong}),
      'invalid-m-by-n',
      /two positive integers.*got 2/,
    ],
    ['m:n of zeros', () => pruneLowMagnitude(model, {sparsityMByN: [0, 4]}), 'invalid-m-by-n', /\[0,4\]/],
    [
      'm as large as n',
      () => pruneLowMagnitude(model, {sparsityMByN: [4, 4]}),
      'invalid-m-by-n',
      /m smaller than n.*\[4,4\]/,
    ],
    ['m larger than n', () => pruneLowMagnitude(dense(), {sparsityMByN: [4, 2]}), 'invalid-m-by-n', /m smaller than n/],
    [
      'm:n and blocks',
      () => pruneLowMagnitude(model, {sparsityMByN: [2, 4], blockSize: [2, 2]}),
      'invalid-m-by-n',
      /exclude each other/,
    ],
    [
      'blocks on a vector',
      () => pruneLowMagnitude(scaled, {blockSize: [2, 1]}),
      'invalid-block-size',
      /two dimensions, but .*\/scale has shape \[4\]/,
    ],
    ['m:n on a vector', () => pruneLowMagnitude(scaled, {sparsityMByN: [2, 4]}), 'invalid-m-by-n', /shape \[4\]/],
    [
      'an unsupported layer alone',
      () => pruneLowMagnitude(tf.layers.prelu({name: 'p'})),
      'unsupported-layer',
      /'p' \(PReLU\).*getPrunableWeights/,
    ],
    [
      'a cell that is not known',
      () => pruneLowMagnitude(tf.layers.timeDistributed({layer: tf.layers.prelu()})),
      'unsupported-layer',
      /PReLU inside/,
    ],
    [
      'a wrapped layer alone',
      () => pruneLowMagnitude(pruneLowMagnitude(dense())),
      'unsupported-layer',
      /already wrapped/,
    ],
    [
      'an input layer alone',
      () => pruneLowMagnitude(tf.layers.inputLayer({inputShape: [3]})),
      'unsupported-layer',
      /stands for an input/,
    ],
    [
      'an unregistered layer',
      () => pruneLowMagnitude(new Unregistered({})),
      'unsupported-layer',
      /registerClass\(Unregistered\)/,
    ],
    [
      'a model with nothing to prune',
      () => pruneLowMagnitude(tf.sequential({layers: [tf.layers.flatten({inputShape: [2, 2]})]})),
      'nothing-to-prune',
      /Flatten/,
    ],
    [
      'a model of which nothing is chosen',
      () => pruneLowMagnitude(model, () => null),
      'nothing-to-prune',
      /Dense, Dropout/,
    ],
    [
      'a function that forgets to return',
      () => pruneLowMagnitude(model, (() => undefined) as Wrong),
      'invalid-argument',
      /settings must be an object.*undefined/,
    ],
    ['a list with nothing to prune', () => pruneLowMagnitude([tf.layers.prelu()]), 'nothing-to-prune', /PReLU/],
    ['a model without layers', () => pruneLowMagnitude(tf.sequential()), 'model-not-built', /must have layers/],
    [
      'a policy for a model without layers',
      () => pruneForLatencyOnXnnpack().ensureModelSupportsPruning(tf.sequential()),
      'model-not-built',
      /built model/,
    ],
    [
      'a model of no use to a policy',
      () => pruneLowMagnitude(model, {pruningPolicy: pruneForLatencyOnXnnpack()}),
      'unsupported-model',
      /ZeroPadding2D/,
    ],
    ['a step of an unbuilt layer', () => pruneLowMagnitude(dense()).pruningStep, 'model-not-built', /must be built/],
  ])('%s', async (_, run, code, message) => expectError(run, code, message));
});

describe('what is no model', () => {
  test.each<[string, () => unknown, ErrorCode]>([
    ['stripPruning', () => stripPruning(3 as Wrong), 'unsupported-model'],
    ['stripPruning of a layer', () => stripPruning(tf.layers.flatten() as Wrong), 'unsupported-model'],
    ['summarize', () => summarize(null as Wrong), 'unsupported-model'],
    ['updatePruningStep', () => updatePruningStep().setModel({} as Wrong), 'invalid-argument'],
    ['pruningSummaries', () => sparsity.pruningSummaries().setModel({} as Wrong), 'invalid-argument'],
  ])('%s', async (_, run, code) => expectError(run, code, /takes a tf\.LayersModel/));
});

describe('training', () => {
  let xs: tf.Tensor;
  let ys: tf.Tensor;
  let pruned: tf.LayersModel;
  beforeEach(() => {
    xs = random([4, 4], 1);
    ys = random([4, 4], 2);
    pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
  });
  afterEach(() => {
    tf.dispose([xs, ys]);
    pruned.dispose();
  });

  test('a callback on a model without pruned layers', async () => {
    const plain = tf.sequential({layers: [tf.layers.dense({units: 4, inputShape: [4]})]});
    await expectError(() => trainSteps(plain, xs, ys, 1), 'no-pruned-layers', /model that pruneLowMagnitude returns/);
    await expectError(
      () => trainSteps(plain, xs, ys, 1, [sparsity.pruningSummaries()]),
      'no-pruned-layers',
      /pruningSummaries/,
    );
    plain.dispose();
  });

  test('a callback that was not started, or has no model', async () => {
    const callback = updatePruningStep();
    await expectError(() => callback.onTrainBegin(), 'invalid-argument', /setModel/);
    callback.setModel(pruned);
    await expectError(() => callback.onBatchBegin(0), 'missing-callback', /await onTrainBegin/);
    await expectError(() => callback.onEpochEnd(0), 'missing-callback', /await onTrainBegin/);
  });

  test('a callback among plain ones, where TF.js gives it no model', async () => {
    pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const callbacks = [{onEpochEnd: async () => {}}, updatePruningStep()] as Wrong;
    await expectError(() => pruned.fit(xs, ys, {verbose: 0, callbacks}), 'invalid-argument', /new tf\.CustomCallback/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    '%s in a weight at an update: masks and steps stay',
    async value => {
      await trainSteps(pruned, xs, ys, 1);
      const callback = updatePruningStep();
      callback.setModel(pruned);
      await callback.onTrainBegin();
      const [wrapper] = pruned.layers as [sparsity.PruneLowMagnitude];
      const bad = tf.tensor2d(
        Array.from({length: 16}, (_, i) => (i === 5 ? value : i)),
        [4, 4],
      );
      const bias = tf.zeros([4]);
      wrapper.setWeights([bad, bias]);
      const state = (): number[][] => wrapper.nonTrainableWeights.map(weight => Array.from(weight.read().dataSync()));
      const kept = state();
      await expectError(
        () => callback.onBatchBegin(0),
        'non-finite-weight',
        new RegExp(`prune_low_magnitude_dense/kernel holds ${value} at index 5 in step 2`),
      );
      expect(state()).toEqual(kept);
      tf.dispose([bad, bias]);
    },
  );

  test('a schedule that gives no sparsity', async () => {
    const pruningSchedule = {...everyStep(0.5), sparsityAt: () => Number.NaN};
    const wrong = pruneLowMagnitude(model, {pruningSchedule});
    const callback = updatePruningStep();
    callback.setModel(wrong);
    await callback.onTrainBegin();
    await expectError(() => callback.onBatchBegin(0), 'invalid-sparsity', /ConstantSparsity gave NaN at step 1/);
    wrong.dispose();
  });

  test('a checkpoint whose masks do not fit the pattern', async () => {
    await trainSteps(pruned, xs, ys, 1);
    for (const options of [{blockSize: [2, 2]}, {sparsityMByN: [1, 4]}] as const) {
      const other = pruneLowMagnitude(model, options);
      const checkpoint = Object.fromEntries(pruned.weights.map(weight => [weight.originalName, weight.read()]));
      other.loadWeights(checkpoint as Wrong);
      await expectError(() => trainSteps(other, xs, ys, 1), 'mask-mismatch', /prune_low_magnitude_dense\/mask/);
      other.dispose();
    }
  });

  test('a checkpoint whose masks have another shape', async () => {
    const checkpoint = Object.fromEntries(pruned.weights.map(weight => [weight.originalName, weight.read()]));
    const mask = tf.ones([2, 8]);
    await expectError(
      () => pruned.loadWeights({...checkpoint, 'prune_low_magnitude_dense/mask': mask} as Wrong),
      'mask-mismatch',
      /shape \[4,4\] of its weight, but \[2,8\]/,
    );
    mask.dispose();
  });
});

test('a saved model whose schedule is not registered', async () => {
  const own: sparsity.PruningSchedule = {
    sparsityAt: step => Math.min(step / 10, 0.75),
    shouldPruneAt: () => true,
    getConfig: () => ({className: 'BadInputLinear', config: {stepsToGo: 10, name: 'as_is', levels: [1, 2]}}),
  };
  const pruned = pruneLowMagnitude(model, {pruningSchedule: own});
  const handler = await saved(pruned);
  await expectError(
    () => tf.loadLayersModel(handler),
    'invalid-schedule',
    /'BadInputLinear' is not.*ConstantSparsity, PolynomialDecay/,
  );
  const configs: unknown[] = [];
  sparsity.registerPruningSchedule('BadInputLinear', config => {
    configs.push(config);
    return own;
  });
  const loaded = await tf.loadLayersModel(handler);
  const config = {stepsToGo: 10, name: 'as_is', levels: [1, 2]};
  expect(configs).toEqual([config, config]);
  expect((loaded.layers[0] as sparsity.PruneLowMagnitude).pruningSchedule).toBe(own);
  pruned.dispose();
  loaded.dispose();
});

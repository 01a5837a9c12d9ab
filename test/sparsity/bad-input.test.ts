import * as tf from '@tensorflow/tfjs';
import {type ErrorCode, sparsity} from 'tfjs-model-optimization';
import {afterAll, beforeAll, describe, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from './_errors.ts';
import {everyStep} from './_training.ts';
import {checkUnchanged} from './_unchanged.ts';

checkLeaks();

const {
  constantSparsity,
  polynomialDecay,
  pruneForLatencyOnXnnpack,
  pruneLowMagnitude,
  stripPruning,
  summarize,
  updatePruningStep,
} = sparsity;

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
checkUnchanged(() => model);

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

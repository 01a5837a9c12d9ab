import * as tf from '@tensorflow/tfjs';
import {quantization, sparsity} from 'tfjs-model-optimization';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from './_errors.ts';
import {everyStep, saved} from './_training.ts';

checkLeaks();

const {PruneLowMagnitude, constantSparsity, polynomialDecay, pruneLowMagnitude} = sparsity;

let model: tf.Sequential;
beforeAll(async () => {
  await tf.setBackend('cpu');
  model = tf.sequential({layers: [tf.layers.dense({units: 4, inputShape: [4], name: 'dense'})]});
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
});
afterAll(() => {
  model.dispose();
});

/** Every function and constructor that takes options: how it is called with some, and what it knows. */
const DOORS: Readonly<Record<string, readonly [call: (options: Wrong) => unknown, names: readonly string[]]>> = {
  constantSparsity: [
    options => constantSparsity({targetSparsity: 0.5, beginStep: 0, ...options}),
    ['targetSparsity', 'beginStep', 'endStep', 'frequency'],
  ],
  polynomialDecay: [
    options => polynomialDecay({initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 5, ...options}),
    ['initialSparsity', 'finalSparsity', 'beginStep', 'endStep', 'power', 'frequency'],
  ],
  'pruneLowMagnitude of a model': [
    options => pruneLowMagnitude(model, options),
    ['pruningSchedule', 'blockSize', 'blockPoolingType', 'sparsityMByN', 'pruningPolicy'],
  ],
  'pruneLowMagnitude of a layer': [
    options => pruneLowMagnitude(tf.layers.dense({units: 2}), options),
    ['pruningSchedule', 'blockSize', 'blockPoolingType', 'sparsityMByN', 'pruningPolicy'],
  ],
  'pruneLowMagnitude of a list': [
    options => pruneLowMagnitude([tf.layers.dense({units: 2})], options),
    ['pruningSchedule', 'blockSize', 'blockPoolingType', 'sparsityMByN', 'pruningPolicy'],
  ],
  'pruneLowMagnitude layer by layer': [
    options => pruneLowMagnitude(model, () => options),
    ['pruningSchedule', 'blockSize', 'blockPoolingType', 'sparsityMByN'],
  ],
  'new PruneLowMagnitude': [
    options => new PruneLowMagnitude({layer: tf.layers.dense({units: 2}), ...options}),
    ['layer', 'pruningSchedule', 'blockSize', 'blockPoolingType', 'sparsityMByN'],
  ],
  metricOf: [
    options => quantization.metricOf(model, {xs: tf.ones([1, 4]), ys: tf.ones([1, 4]), ...options}),
    ['xs', 'ys', 'metric', 'batchSize'],
  ],
};
const snakeCased = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

describe.each(Object.entries(DOORS))('%s', (_, [call, names]) => {
  test.each(names.flatMap(name => [snakeCased(name), name.toUpperCase(), `${name}x`].map(wrong => [wrong, name])))(
    '%s was meant to be %s',
    async (wrong, name) => {
      if (wrong === name) return;
      const run = (): unknown => tf.tidy(() => void call({[wrong]: undefined}));
      await expectError(run, 'invalid-argument', new RegExp(`has no option '${wrong}'. Did you mean ${name}\\?`));
    },
  );

  test('a name that is nothing like it', async () => {
    const run = (): unknown => tf.tidy(() => void call({quux: 1}));
    await expectError(run, 'invalid-argument', new RegExp(`'quux'. It knows ${names.join(', ')}\\.`));
  });
});

describe('as in Python', () => {
  const schedule = everyStep(0.5);
  const policy = sparsity.pruneForLatencyOnXnnpack();
  test.each<[string, () => unknown, RegExp]>([
    [
      'a constant schedule one by one',
      () => (constantSparsity as Wrong)(0.5, 0),
      /got 0\.5, 0\. Call constantSparsity\({targetSparsity: 0\.5, beginStep: 0, endStep, frequency}\)/,
    ],
    [
      'a ramp one by one',
      () => (polynomialDecay as Wrong)(0, 0.9, 0, 1000),
      /Call polynomialDecay\({initialSparsity: 0, finalSparsity: 0\.9, beginStep: 0, endStep: 1000, power, frequency}\)/,
    ],
    ['no settings', () => (constantSparsity as Wrong)(), /got nothing\. Call constantSparsity\({targetSparsity, /],
    ['settings and more', () => (constantSparsity as Wrong)({}, 5), /in one object, but got {}, 5\./],
    ['a list of settings', () => (polynomialDecay as Wrong)([0, 0.9]), /got \[0,0\.9\]/],
    [
      'a schedule',
      () => pruneLowMagnitude(model, schedule as Wrong),
      /takes a schedule by name.*{pruningSchedule: \.\.\.}/,
    ],
    [
      'a schedule and a block',
      () => (pruneLowMagnitude as Wrong)(model, schedule, [1, 2]),
      /but got 2 values\. Call pruneLowMagnitude\(model, {pruningSchedule, blockSize/,
    ],
    ['a policy', () => pruneLowMagnitude(model, policy as Wrong), /takes a policy by name.*{pruningPolicy: \.\.\.}/],
    [
      'a schedule for each layer',
      () => pruneLowMagnitude(model, (() => schedule) as Wrong),
      /layer 'dense' takes a schedule/,
    ],
    [
      'a policy that is none',
      () => pruneLowMagnitude(model, {pruningPolicy: 'XNNPACK' as Wrong}),
      /allowPruning and ensureModelSupportsPruning, but got "XNNPACK"/,
    ],
    [
      'a directory for summaries',
      () => (sparsity.pruningSummaries as Wrong)({logDir: 'logs'}),
      /pruningSummaries has no option 'logDir'/,
    ],
    [
      'text for summaries',
      () => (sparsity.pruningSummaries as Wrong)('logs'),
      /by name, in one object, but got "logs"/,
    ],
    [
      'what cannot be called with records',
      () => (sparsity.pruningSummaries as Wrong)({onRecord: 'logs'}),
      /onRecord must be a function/,
    ],
    [
      'a model for the callback',
      () => (sparsity.updatePruningStep as Wrong)(model),
      /got the model 'sequential_1'\. fit gives/,
    ],
    [
      'options for the callback',
      () => (sparsity.updatePruningStep as Wrong)({step: 3}),
      /takes no options, but got {"step":3}/,
    ],
    [
      'a model for the policy',
      () => (sparsity.pruneForLatencyOnXnnpack as Wrong)(model),
      /takes no options, but got the model/,
    ],
    ['no examples', () => (quantization.metricOf as Wrong)(model), /metricOf\(model, {xs, ys}\)/],
    [
      'options to strip',
      () => (sparsity.stripPruning as Wrong)(model, {strict: true}),
      /takes no options, but got {"strict":true}/,
    ],
    [
      'options to summarize',
      () => (sparsity.summarize as Wrong)(model, {verbose: 1}),
      /takes no options, but got {"verbose":1}/,
    ],
    ['no layer', () => new PruneLowMagnitude({} as Wrong), /takes a layer, but got undefined/],
  ])('%s', async (_, run, message) => expectError(run, 'invalid-argument', message));

  test('a registered maker must be a function', async () => {
    const run = (): unknown => sparsity.registerPruningSchedule('Own', everyStep(0.5) as Wrong);
    await expectError(run, 'invalid-schedule', /takes a function that makes the schedule 'Own'/);
  });

  test('the functions of one model serve map', () => {
    const [stripped] = [sparsity.pruneLowMagnitude(model)].map(each => [each, sparsity.stripPruning(each)]);
    const [again] = [model].map(sparsity.stripPruning);
    for (const each of [...stripped!, again!]) each.dispose();
  });
});

describe('in place of a model', () => {
  const input = tf.input({shape: [3], name: 'given'});
  const output = tf.layers.dense({units: 2, name: 'last'}).apply(input) as tf.SymbolicTensor;
  const graphModel = {executeAsync: async () => {}, predict: () => {}};
  const recorded = {
    modelTopology: {
      model_config: {
        config: {layers: [{class_name: 'TFOpLambda', name: 'tf.math.add', config: {name: 'tf.math.add'}}]},
      },
    },
  };
  const GIVEN: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'a symbolic tensor',
      () => output,
      /symbolic tensor 'last.*', an output of layer 'last'\. .*pass tf\.model\({inputs, outputs}\)/,
    ],
    ['a promise', () => Promise.resolve(model), /a promise\. Await it/],
    ['a URL', () => '/model.json', /"\/model\.json"\. Load it first: await tf\.loadLayersModel/],
    ['a graph model', () => graphModel, /a tf\.GraphModel\. A graph model cannot be trained/],
    ['artifacts', () => ({modelTopology: {}, weightSpecs: []}), /artifacts of a saved model\. Load them first/],
    [
      'artifacts with recorded operations',
      () => recorded,
      /layer 'tf\.math\.add' \(TFOpLambda\) is an operation that Python recorded/,
    ],
    ['a tensor', () => tf.ones([2, 3]), /a tensor of shape \[2,3\]/],
  ];
  test.each(GIVEN)('%s', async (_, make, message) => {
    const given = make() as Wrong;
    await expectError(() => pruneLowMagnitude(given), 'invalid-argument', message);
    await expectError(() => pruneLowMagnitude([given]), 'invalid-argument', message);
    await expectError(() => sparsity.stripPruning(given), 'unsupported-model', message);
    await expectError(() => sparsity.summarize(given), 'unsupported-model', message);
    await expectError(() => sparsity.updatePruningStep().setModel(given), 'invalid-argument', message);
    await expectError(() => sparsity.pruningSummaries().setModel(given), 'invalid-argument', message);
    await expectError(() => quantization.metricOf(given, {} as Wrong), 'invalid-argument', message);
    if (given instanceof tf.Tensor) given.dispose();
  });

  test('a layer', async () => {
    await expectError(
      () => sparsity.stripPruning(tf.layers.flatten({name: 'f'}) as Wrong),
      'unsupported-model',
      /the layer 'f'/,
    );
  });

  test('a layer that stands for a recorded operation', async () => {
    class TFOpLambda extends tf.layers.Layer {
      static className = 'TFOpLambda';
    }
    await expectError(
      () => pruneLowMagnitude(new TFOpLambda({name: 'tf.math.add'})),
      'unsupported-layer',
      /'tf\.math\.add' \(TFOpLambda\) .*operation that Python recorded/,
    );
  });
});

test('a wrapper from a file takes its settings as they were saved, older ones too', async () => {
  const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5), blockSize: [2, 2]});
  const handler = await saved(pruned);
  const artifacts = await handler.load!();
  const [wrapper] = (artifacts.modelTopology as Wrong).config.layers;
  wrapper.config.unknown_before = 1;
  delete wrapper.config.sparsity_m_by_n;
  const loaded = await tf.loadLayersModel({load: async () => artifacts});
  expect((loaded.layers[0] as sparsity.PruneLowMagnitude).pattern).toEqual({
    type: 'block',
    size: [2, 2],
    pooling: 'AVG',
  });
  for (const each of [pruned, loaded]) each.dispose();
});

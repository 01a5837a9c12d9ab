import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import {sparsity} from 'tfjs-model-optimization';
import {afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {configOf, disposeModel, everyStep, random, trainSteps, weightsOf} from './_training.ts';

checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize} = sparsity;

const isWrapper = (layer: tf.layers.Layer): boolean => layer.getClassName() === 'PruneLowMagnitude';
/** How many layers of a model are wrapped, nested models entered. */
const wrapped = (model: tf.LayersModel): number =>
  model.layers.reduce(
    (sum, layer) => sum + ('layers' in layer ? wrapped(layer as tf.LayersModel) : Number(isWrapper(layer))),
    0,
  );
const dense = (units: number, seed: number, more: object = {}): tf.layers.Layer =>
  tf.layers.dense({units, activation: 'tanh', kernelInitializer: tf.initializers.glorotUniform({seed}), ...more});
const symbolic = (layer: tf.layers.Layer, input: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor =>
  layer.apply(input) as tf.SymbolicTensor;

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Two inputs through one shared branch, a nested model, two outputs. */
function siamese(): tf.LayersModel {
  const left = tf.input({shape: [6], name: 'left'});
  const right = tf.input({shape: [6], name: 'right'});
  const branch = tf.sequential({name: 'branch', layers: [dense(8, 1, {inputShape: [6]}), dense(4, 2)]});
  const shared = dense(4, 3, {name: 'shared'});
  const [a, b] = [left, right].map(input => symbolic(shared, symbolic(branch, input)));
  const distance = symbolic(tf.layers.add(), [a!, b!]);
  const product = symbolic(tf.layers.multiply(), [a!, b!]);
  return tf.model({
    name: 'siamese',
    inputs: [left, right],
    outputs: [
      symbolic(dense(1, 4, {name: 'near'}), distance),
      symbolic(dense(2, 5, {name: 'kind'}), symbolic(tf.layers.concatenate(), [distance, product])),
    ],
  });
}

describe('a model with shared layers, nested models, several inputs and outputs', () => {
  test('is pruned as a copy, trained, and stripped to its old form', async () => {
    const model = siamese();
    const [config, weights] = [configOf(model), weightsOf(model)];
    const xs = [random([8, 6], 1), random([8, 6], 2)];
    const ys = [random([8, 1], 3), random([8, 2], 4)];
    const before = model.predict(xs) as tf.Tensor[];

    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    expect(wrapped(pruned)).toBe(8);
    expect(pruned.name).toBe('siamese');
    const same = pruned.predict(xs) as tf.Tensor[];
    expect(same.map(each => each.dataSync())).toEqual(before.map(each => each.dataSync()));

    pruned.compile({optimizer: 'sgd', loss: ['meanSquaredError', 'meanSquaredError']});
    await pruned.fit(xs, ys, {epochs: 3, batchSize: 8, verbose: 0, callbacks: [sparsity.updatePruningStep()]});
    const shared = pruned.getLayer('prune_low_magnitude_shared') as sparsity.PruneLowMagnitude;
    expect(shared.pruningStep.read().dataSync()[0]).toBe(3);
    const summary = await summarize(pruned);
    expect(summary.weights.map(({layer, sparsity: realised}) => [layer, realised])).toEqual([
      [expect.stringContaining('dense'), 0.5],
      [expect.stringContaining('dense'), 0.5],
      ['shared', 0.5],
      ['near', 0.5],
      ['kind', 0.5],
    ]);

    const stripped = stripPruning(pruned);
    expect(wrapped(stripped)).toBe(0);
    expect(configOf(stripped)).toEqual(config);
    expect(stripped.weights.map(weight => weight.originalName)).toEqual(Object.keys(weights));
    const [after, again] = [pruned.predict(xs) as tf.Tensor[], stripped.predict(xs) as tf.Tensor[]];
    expect(again.map(each => each.dataSync())).toEqual(after.map(each => each.dataSync()));
    expect(weightsOf(model)).toEqual(weights);
    expect(configOf(model)).toEqual(config);

    tf.dispose([xs, ys, before, same, after, again].flat());
    for (const each of [model, pruned, stripped]) disposeModel(each);
  });

  test('weights set in one are not seen in the other', () => {
    const model = siamese();
    const pruned = pruneLowMagnitude(model);
    const zeros = model.getWeights().map(weight => tf.zerosLike(weight));
    const kept = weightsOf(pruned);
    model.setWeights(zeros);
    expect(weightsOf(pruned)).toEqual(kept);
    tf.dispose(zeros);
    for (const each of [model, pruned]) disposeModel(each);
  });
});

describe('what is wrapped', () => {
  test('a layer of a model being built', async () => {
    const first = dense(4, 1, {inputShape: [6], name: 'first'});
    const model = tf.sequential({
      layers: [pruneLowMagnitude(first, {pruningSchedule: everyStep(0.5)}), dense(2, 2, {name: 'second'})],
    });
    const [xs, ys] = [random([4, 6], 1), random([4, 2], 2)];
    await trainSteps(model, xs, ys, 1);
    const {weights, skipped} = await summarize(model);
    expect(weights).toMatchObject([
      {layer: 'first', sparsity: 0.5, targetSparsity: 0.5, pattern: {type: 'element'}},
      {layer: 'second', sparsity: 0, targetSparsity: null, pattern: null, threshold: null},
    ]);
    expect(skipped).toMatchObject([{layer: 'second', reason: expect.stringMatching(/not wrapped/)}]);
    tf.dispose([xs, ys]);
    model.dispose();
  });

  test('a layer with weights, its own or given to its constructor, keeps them', () => {
    const kernel = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const given = tf.layers.dense({units: 3, useBias: false, inputShape: [2], weights: [kernel]});
    const built = tf.layers.dense({units: 3, useBias: false, inputShape: [2]});
    built.apply(tf.input({shape: [2]}));
    built.setWeights([kernel]);
    for (const layer of [given, built]) {
      const model = tf.sequential({layers: [pruneLowMagnitude(layer)]});
      expect(Array.from(model.getWeights()[0]!.dataSync())).toEqual([1, 2, 3, 4, 5, 6]);
      model.dispose();
    }
    built.dispose();
    kernel.dispose();
  });

  test('a list, layer by layer', () => {
    const input = tf.layers.inputLayer({inputShape: [3], name: 'in'});
    const already = pruneLowMagnitude(dense(2, 1));
    const unknown = tf.layers.prelu();
    const list = pruneLowMagnitude([input, dense(2, 2), tf.layers.dropout({rate: 0.5}), already, unknown]);
    expect(list.map(isWrapper)).toEqual([false, true, true, true, false]);
    expect(list[0]).not.toBe(input);
    expect(list[0]!.getConfig()).toEqual(input.getConfig());
    expect(list[3]).toBe(already);
    expect(list[4]).toBe(unknown);
  });

  test('a model layer by layer, each with settings of its own', async () => {
    const model = tf.sequential({
      layers: [dense(8, 1, {inputShape: [8], name: 'a'}), dense(8, 2, {name: 'b'}), dense(8, 3, {name: 'c'})],
    });
    const pruned = pruneLowMagnitude(model, layer =>
      layer.name === 'b' ? null : {pruningSchedule: everyStep(layer.name === 'a' ? 0.25 : 0.75), blockSize: [2, 1]},
    );
    const [xs, ys] = [random([4, 8], 1), random([4, 8], 2)];
    await trainSteps(pruned, xs, ys, 1);
    const {weights, skipped} = await summarize(pruned);
    expect(weights.map(({layer, targetSparsity, sparsity: realised}) => [layer, targetSparsity, realised])).toEqual([
      ['a', 0.25, 0.25],
      ['b', null, 0],
      ['c', 0.75, 0.75],
    ]);
    expect(skipped).toMatchObject([
      {layer: 'b', className: 'Dense', reason: expect.stringMatching(/settings left it out/)},
    ]);
    tf.dispose([xs, ys]);
    model.dispose();
    pruned.dispose();
  });

  test('by a policy', () => {
    const model = tf.sequential({layers: [dense(4, 1, {inputShape: [4], name: 'a'}), dense(4, 2, {name: 'b'})]});
    const asked: string[] = [];
    const pruned = pruneLowMagnitude(model, {
      pruningPolicy: {
        allowPruning: layer => layer.name === 'b',
        ensureModelSupportsPruning: given => void asked.push(given.name),
      },
    });
    expect(pruned.layers.map(isWrapper)).toEqual([false, true]);
    expect(asked).toEqual([model.name]);
    model.dispose();
    pruned.dispose();
  });

  test('nothing twice: masks and steps of layers already wrapped stay', async () => {
    const model = tf.sequential({layers: [dense(4, 1, {inputShape: [4]}), dense(4, 2)]});
    const [first, second] = model.layers;
    // A schedule of the caller's own, which is not registered.
    const own = {...everyStep(0.5), getConfig: () => ({className: 'Own', config: {}})};
    const once = pruneLowMagnitude(model, layer => (layer === first ? {pruningSchedule: own} : null));
    const [xs, ys] = [random([4, 4], 1), random([4, 4], 2)];
    await trainSteps(once, xs, ys, 1);
    const twice = pruneLowMagnitude(once, {pruningSchedule: everyStep(0.75)});
    expect(second).toBeDefined();
    expect(wrapped(twice)).toBe(2);
    const [kept, fresh] = twice.layers as [sparsity.PruneLowMagnitude, sparsity.PruneLowMagnitude];
    expect([kept, fresh].map(each => each.pruningStep.read().dataSync()[0])).toEqual([1, -1]);
    expect((await summarize(twice)).weights[0]).toMatchObject({sparsity: 0.5, targetSparsity: 0.5});
    await trainSteps(twice, xs, ys, 1);
    expect((await summarize(twice)).weights.map(({sparsity: realised}) => realised)).toEqual([0.5, 0.75]);
    expect([kept, fresh].map(each => each.pruningStep.read().dataSync()[0])).toEqual([2, 1]);
    tf.dispose([xs, ys]);
    for (const each of [model, once, twice]) each.dispose();
  });

  test('layers with nothing known to prune stay, and the summary says why', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.depthwiseConv2d({kernelSize: 2, inputShape: [4, 4, 2], name: 'depthwise'}),
        tf.layers.prelu({name: 'prelu'}),
        tf.layers.flatten({name: 'flatten'}),
        dense(2, 1, {name: 'dense'}),
      ],
    });
    const pruned = pruneLowMagnitude(model);
    expect(pruned.layers.map(isWrapper)).toEqual([true, false, true, true]);
    expect((await summarize(pruned)).skipped).toEqual([
      {layer: 'depthwise', className: 'DepthwiseConv2D', reason: 'depthwise kernels are not pruned'},
      {layer: 'prelu', className: 'PReLU', reason: expect.stringMatching(/nothing is known to prune in a PReLU/)},
      {layer: 'flatten', className: 'Flatten', reason: 'a Flatten has no weights to prune'},
    ]);
    model.dispose();
    pruned.dispose();
  });
});

test('metadata go along', () => {
  const model = tf.sequential({layers: [dense(2, 1, {inputShape: [2]})]});
  model.setUserDefinedMetadata({classes: ['a', 'b']});
  const pruned = pruneLowMagnitude(model);
  expect(pruned.getUserDefinedMetadata()).toEqual({classes: ['a', 'b']});
  model.dispose();
  pruned.dispose();
});

test('random models keep config, names and weights through pruning and stripping', () => {
  const layer = fc.oneof(
    fc
      .record({units: fc.integer({min: 1, max: 5}), useBias: fc.boolean(), trainable: fc.boolean()})
      .map(args => () => tf.layers.dense(args)),
    fc.double({min: 0, max: 0.9, noNaN: true}).map(rate => () => tf.layers.dropout({rate})),
    fc
      .constantFrom('relu', 'elu', 'tanh')
      .map(activation => () => tf.layers.activation({activation: activation as 'relu'})),
    fc.constant(() => tf.layers.batchNormalization() as tf.layers.Layer),
    fc.constant(() => tf.layers.prelu() as tf.layers.Layer),
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(layer, {minLength: 1, maxLength: 3}), {minLength: 1, maxLength: 3}),
      fc.constantFrom<sparsity.PruneOptions>({}, {blockSize: [2, 1]}, {sparsityMByN: [1, 3]}),
      (groups, options) => {
        const model = tf.sequential();
        for (const [i, group] of groups.entries()) {
          const first = tf.layers.dense({units: 3, inputShape: [i === 0 ? 4 : 3]});
          const last = tf.layers.dense({units: 3});
          model.add(tf.sequential({layers: [first, ...group.map(make => make()), last]}));
        }
        const pruned = pruneLowMagnitude(model, options);
        const again = pruneLowMagnitude(pruned, options);
        const stripped = stripPruning(again);
        expect(again.getConfig()).toEqual(pruned.getConfig());
        expect(stripped.getConfig()).toEqual(model.getConfig());
        expect(Object.entries(weightsOf(stripped))).toEqual(Object.entries(weightsOf(model)));
        for (const each of [model, pruned, again, stripped]) disposeModel(each);
      },
    ),
    {numRuns: 25},
  );
});

test('a model of class Functional, as Keras saves them', async () => {
  const input = tf.input({shape: [4], name: 'in'});
  const model = tf.model({inputs: input, outputs: symbolic(dense(4, 1), input)});
  const topology = JSON.parse(JSON.stringify(model.toJSON(null, false)));
  const functional = (await tf.models.modelFromJSON({...topology, class_name: 'Functional'})) as tf.LayersModel;
  const pruned = pruneLowMagnitude(functional);
  expect(pruned.getClassName()).toBe('Functional');
  expect(wrapped(pruned)).toBe(1);
  for (const each of [model, functional, pruned]) each.dispose();
});

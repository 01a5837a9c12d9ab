import * as tf from '@tensorflow/tfjs';
import {expect, test} from 'vitest';
import {artifactsOf, type ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import type {NamedWeight} from '../../src/artifacts/open-model.ts';
import {PRUNED_ROLES} from '../../src/artifacts/roles.ts';
import {reasonToKeep} from '../../src/artifacts/selection.ts';
import {compress} from '../../src/compression/compress.ts';
import {openArtifacts} from '../../src/formats/open-artifacts.ts';
import {countNonZeros} from '../../src/masks/statistics.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {quantizeWeights} from '../../src/oneshot/quantize-weights.ts';
import {pruneLowMagnitude} from '../../src/sparsity/prune.ts';
import {summarize} from '../../src/sparsity/summarize.ts';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

const {input, layers, model, sequential} = tf;

/** Every layer that has something to prune, and the ways in which layers nest. */
const MODELS: Readonly<Record<string, () => tf.LayersModel>> = {
  images: () =>
    sequential({
      layers: [
        layers.conv2d({filters: 4, kernelSize: 3, inputShape: [8, 8, 2]}),
        layers.batchNormalization(),
        layers.depthwiseConv2d({kernelSize: 3}),
        layers.separableConv2d({filters: 6, kernelSize: 3}),
        layers.conv2dTranspose({filters: 3, kernelSize: 3}),
        layers.flatten(),
        layers.dense({units: 5}),
      ],
    }),
  'recurrent layers': () => {
    const tokens = input({shape: [6]});
    const embedded = layers.embedding({inputDim: 9, outputDim: 4}).apply(tokens);
    const both = layers
      .bidirectional({layer: layers.lstm({units: 4, returnSequences: true}) as never, mergeMode: 'concat'})
      .apply(embedded);
    const each = layers.timeDistributed({layer: layers.dense({units: 4})}).apply(both);
    const cells = [layers.lstmCell({units: 4}), layers.gruCell({units: 4})];
    const stacked = layers.rnn({cell: cells as never, returnSequences: true}).apply(each);
    const last = layers.simpleRNN({units: 4}).apply(stacked) as tf.SymbolicTensor;
    return model({inputs: tokens, outputs: last});
  },
  'a model in a model': () =>
    sequential({
      layers: [
        sequential({layers: [layers.conv1d({filters: 4, kernelSize: 3, inputShape: [8, 4]})]}),
        layers.flatten(),
        layers.dense({units: 4}),
      ],
    }),
};

test.each(Object.entries(MODELS))('finds in the file what pruning finds in the live model: %s', async (_, make) => {
  const live = make();
  const expected = (await summarize(live)).weights.map(({size}) => size);
  const open = openArtifacts(await artifactsOf(live));
  expect(open.weights.map(({uses}) => uses.length)).toEqual(open.weights.map(() => 1));
  const isPruned = open.weights.map(weight => reasonToKeep(weight, PRUNED_ROLES) === null);
  const sizes = open.weights.filter((_, i) => isPruned[i]).map(weight => weight.values().length);
  expect(sizes.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));

  const {model: pruned, changed, kept} = await pruneOneShot(open, {sparsity: 0.5});
  expect(changed.length + kept.length).toBe(open.weights.length);
  for (const [i, weight] of pruned.weights.entries()) {
    if (isPruned[i]) expect(countNonZeros(weight.values())).toBe(weight.values().length / 2);
    else expect(weight.bytes()).toEqual(open.weights[i]!.bytes());
  }
  live.dispose();
});

/** Two dense layers of 256 weights, those of the second a thousand times smaller. */
function uneven(): ModelArtifacts {
  const values = Float32Array.from({length: 512}, (_, i) => Math.sin(i * 1.7 + 1) * (i < 256 ? 1 : 0.001));
  const dense = (name: string, config = {}) => ({
    class_name: 'Dense',
    config: {name, units: 16, use_bias: false, ...config},
  });
  return {
    modelTopology: {
      class_name: 'Sequential',
      config: {name: 's', layers: [dense('a', {batch_input_shape: [null, 16]}), dense('b')]},
    },
    weightSpecs: ['a', 'b'].map(name => ({name: `${name}/kernel`, shape: [16, 16], dtype: 'float32'})),
    weightData: values.buffer,
  };
}

const left = ({model: {weights}}: {model: {weights: readonly NamedWeight[]}}): number[] =>
  weights.map(weight => countNonZeros(weight.values()));

test('ranked together, a kernel keeps at least one weight in a hundred, and the total is exact', async () => {
  const open = openArtifacts(uneven());
  expect(left(await pruneOneShot(open, {sparsity: 0.5, allocation: 'global'}))).toEqual([253, 3]);
  expect(left(await pruneOneShot(open, {sparsity: 0.5, allocation: 'global', minKept: 0}))).toEqual([256, 0]);
  expect(left(await pruneOneShot(open, {sparsity: 0.5, allocation: 'global', minKept: 0.25}))).toEqual([192, 64]);
  expect(left(await pruneOneShot(open, {sparsity: 0.9, allocation: 'global', minKept: 1}))).toEqual([256, 256]);
  expect(left(await pruneOneShot(open, {sparsity: 0.5}))).toEqual([128, 128]);
});

test('an allocation of the caller counts what each weight keeps', async () => {
  const allocation = () =>
    new Map([
      ['a/kernel', 0],
      ['b/kernel', 7],
    ]);
  expect(left(await pruneOneShot(openArtifacts(uneven()), {sparsity: 0.5, allocation}))).toEqual([0, 7]);
  const wrong = () => new Map([['a/kernel', 1.5]]);
  await expect(pruneOneShot(uneven(), {sparsity: 0.5, allocation: wrong})).rejects.toThrow(
    "gave 'a/kernel' 1.5 of 256",
  );
});

test('m of n runs along the input channels, of transposed convolutions too', async () => {
  const live = sequential({layers: [layers.conv2dTranspose({filters: 3, kernelSize: 1, inputShape: [4, 4, 8]})]});
  const {model: pruned} = await pruneOneShot(live, {sparsityMByN: [6, 8]});
  const values = pruned.weights[0]!.values();
  for (let output = 0; output < 3; output++) expect(countNonZeros(values.slice(output * 8, output * 8 + 8))).toBe(2);
  live.dispose();
});

test('depthwise kernels on request', async () => {
  const live = sequential({layers: [layers.depthwiseConv2d({kernelSize: 4, inputShape: [8, 8, 2]})]});
  await expect(pruneOneShot(live, {sparsity: 0.5})).rejects.toThrow('no weight to prune: a depthwise kernel; a bias');
  expect(left(await pruneOneShot(live, {sparsity: 0.5, includeDepthwise: true}))[0]).toBe(16);
  live.dispose();
});

test('says how far it is, and stops when told', async () => {
  const progress: number[] = [];
  const controller = new AbortController();
  await pruneOneShot(uneven(), {sparsity: 0.5, onProgress: ({done, total}) => progress.push(done / total)});
  expect(progress).toEqual([0.5, 1]);
  const stopped = pruneOneShot(uneven(), {
    sparsity: 0.5,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
});

test.each([
  [{}, 'invalid-sparsity', 'sparsity must be a number in [0, 1)'],
  [{sparsity: 80}, 'invalid-sparsity', 'Did you mean 0.8?'],
  [{sparcity: 0.5}, 'invalid-argument', 'Did you mean sparsity?'],
  [{sparsity: 0.5, block_size: [1, 4]}, 'invalid-argument', 'Did you mean blockSize?'],
  [{sparsity: 0.5, sparsityMByN: [2, 4]}, 'invalid-argument', 'leave out sparsity'],
  [{sparsity: 0.5, allocation: 'erk'}, 'invalid-argument', "allocation must be 'uniform', 'global' or a function"],
  [{sparsity: 0.5, allocation: 'global', blockSize: [1, 4]}, 'invalid-argument', 'leave out blockSize'],
  [{sparsity: 0.5, minKept: 2}, 'invalid-argument', 'minKept must be a share from 0 to 1'],
  [{sparsityMByN: [4, 2]}, 'invalid-m-by-n', 'm smaller than n'],
  [{sparsity: 0.5, blockSize: [0, 4]}, 'invalid-block-size', 'two positive integers'],
])('options %o are refused', async (options, code, message) => {
  const error = await pruneOneShot(uneven(), options as never).catch(thrown => thrown);
  expect(error).toMatchObject({name: 'TfmotError', code});
  expect(error.message).toContain(message);
});

test('a model in training is refused with the way to end it', async () => {
  const live = sequential({layers: [layers.dense({units: 4, inputShape: [3]})]});
  const training = pruneLowMagnitude(live);
  await expect(pruneOneShot(training, {sparsity: 0.5})).rejects.toThrow('Strip it first: sparsity.stripPruning(model)');
  await expect(quantizeWeights(training, {dtype: 'uint8'})).rejects.toThrow('Strip it first');
  await expect(compress(training)).rejects.toThrow('Strip it first');
  await expect(compress(training, {bits: 8})).rejects.toThrow('Strip it first');
  training.dispose();
  live.dispose();
});

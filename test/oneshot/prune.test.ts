import * as tf from '@tensorflow/tfjs';
import {expect, test} from 'vitest';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import {PRUNED_ROLES} from '../../src/artifacts/roles.ts';
import {reasonToKeep} from '../../src/artifacts/selection.ts';
import {openArtifacts} from '../../src/formats/keras/open-artifacts.ts';
import {countNonZeros} from '../../src/masks/statistics.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {summarize} from '../../src/sparsity/summarize.ts';

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
  const before = tf.memory().numTensors;
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
  expect(tf.memory().numTensors).toBe(before);
});

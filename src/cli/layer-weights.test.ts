import * as tf from '@tensorflow/tfjs';
import {expect, test} from 'vitest';
import {artifactsOf} from '../artifacts/artifacts.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {summarize} from '../sparsity/summarize.ts';
import {layerWeights} from './layer-weights.ts';
import {pruneArtifacts} from './prune-artifacts.ts';

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
  const artifacts = await artifactsOf(live);
  const found = layerWeights(artifacts);
  expect(found.every(({className}) => className !== '')).toBe(true);
  const sizes = found.filter(({notPrunable}) => notPrunable === null).map(({bytes}) => bytes.length / 4);
  expect(sizes.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));

  const pruned = pruneArtifacts(artifacts, {sparsity: 0.5, pattern: {type: 'element'}, global: false});
  for (const [index, {bytes, notPrunable}] of layerWeights(pruned).entries()) {
    const left = countNonZeros(new Float32Array(bytes.slice().buffer));
    if (notPrunable === null) expect(left).toBe(bytes.length / 8);
    else expect(bytes).toEqual(found[index]!.bytes);
  }
  live.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {seeded} from '../../testing/seeded.ts';
import {disposeModel} from '../sparsity/_training.ts';
import {sha256} from './_digests.ts';

/** A training that is saved in the middle. */
export interface CheckpointCase {
  readonly make: () => tf.LayersModel;
  readonly options: sparsity.PruneOptions | sparsity.PruneEach;
  readonly optimizer: () => tf.Optimizer;
  readonly data: () => {readonly xs: tf.Tensor; readonly ys: tf.Tensor};
  /** Training steps before the checkpoint. */
  readonly savedAt: number;
}

/** What a training ends in, a line for each weight or slot of the optimizer: name, shape and a digest of its bytes. */
export interface Outcome {
  readonly weights: readonly string[];
  readonly optimizer: readonly string[];
  readonly stripped: readonly string[];
}

const BATCH = 4;
const BATCHES = 5;
/** Steps of the whole training: whole epochs. */
const STEPS = 25;

/** Numbers from -1 to 1, fractions of 256. */
function values(count: number, seed: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({length: count}, () => Math.floor(random() * 513 - 256) / 256);
}

const glorot = (seed: number): object => ({kernelInitializer: tf.initializers.glorotUniform({seed})});
const recurrent = (seed: number): object => ({
  activation: 'softsign',
  recurrentActivation: 'hardSigmoid',
  recurrentInitializer: tf.initializers.glorotUniform({seed: seed + 1}),
  ...glorot(seed),
});

// No activation but quotients and products, and square roots in the rest: exp and tanh may differ in the last bit from
// one build of a JavaScript engine to the next, while these are exact by IEEE 754 on every machine.

/** Convolution, batch normalisation, LSTM and dense: one mask a layer and several. */
function layered(): tf.LayersModel {
  return tf.sequential({
    name: 'layered',
    layers: [
      tf.layers.conv2d({
        name: 'conv',
        inputShape: [6, 6, 4],
        filters: 8,
        kernelSize: 3,
        activation: 'relu',
        ...glorot(1),
      }),
      tf.layers.batchNormalization({name: 'norm'}),
      tf.layers.reshape({name: 'rows', targetShape: [8, 16]}),
      tf.layers.lstm({name: 'lstm', units: 4, ...recurrent(2)}) as tf.layers.Layer,
      tf.layers.dense({name: 'hidden', units: 8, activation: 'softsign', ...glorot(4)}),
      tf.layers.dense({name: 'out', units: 3, ...glorot(5)}),
    ],
  });
}

const layeredData: CheckpointCase['data'] = () => ({
  xs: tf.tensor(values(BATCH * BATCHES * 144, 11), [BATCH * BATCHES, 6, 6, 4]),
  ys: tf.tensor(values(BATCH * BATCHES * 3, 12), [BATCH * BATCHES, 3]),
});

/** An embedding, a nested model, a layer at two places, a bidirectional GRU. */
function connected(): tf.LayersModel {
  const input = tf.input({name: 'tokens', shape: [6], dtype: 'int32'});
  const apply = (layer: tf.layers.Layer, to: tf.SymbolicTensor): tf.SymbolicTensor =>
    layer.apply(to) as tf.SymbolicTensor;
  const embedding = tf.layers.embedding({
    name: 'embedding',
    inputDim: 12,
    outputDim: 8,
    embeddingsInitializer: tf.initializers.randomUniform({minval: -1, maxval: 1, seed: 21}),
  });
  const nested = tf.sequential({
    name: 'nested',
    layers: [tf.layers.dense({name: 'inner', units: 8, inputShape: [6, 8], activation: 'softsign', ...glorot(22)})],
  });
  const shared = tf.layers.dense({name: 'shared', units: 8, activation: 'relu', ...glorot(23)});
  const bidirectional = tf.layers.bidirectional({
    name: 'both',
    layer: tf.layers.gru({name: 'gru', units: 4, ...recurrent(24)}) as tf.RNN,
    mergeMode: 'concat',
  });
  const twice = apply(shared, apply(shared, apply(nested as unknown as tf.layers.Layer, apply(embedding, input))));
  const output = apply(tf.layers.dense({name: 'out', units: 3, ...glorot(26)}), apply(bidirectional, twice));
  return tf.model({name: 'connected', inputs: input, outputs: output});
}

const connectedData: CheckpointCase['data'] = () => ({
  xs: tf.tensor(
    values(BATCH * BATCHES * 6, 13).map(value => Math.floor((value + 1) * 5.9)),
    [BATCH * BATCHES, 6],
    'int32',
  ),
  ys: tf.tensor(values(BATCH * BATCHES * 3, 14), [BATCH * BATCHES, 3]),
});

const ramp = sparsity.polynomialDecay({
  initialSparsity: 0.2,
  finalSparsity: 0.75,
  beginStep: 2,
  endStep: 23,
  frequency: 3,
});
const PATTERNS: Readonly<Record<string, sparsity.PruningParams>> = {
  element: {},
  'block-1x2-avg': {blockSize: [1, 2], blockPoolingType: 'AVG'},
  'block-1x2-max': {blockSize: [1, 2], blockPoolingType: 'MAX'},
  'block-4x4-avg': {blockSize: [4, 4], blockPoolingType: 'AVG'},
  'block-4x4-max': {blockSize: [4, 4], blockPoolingType: 'MAX'},
  '2-of-4': {sparsityMByN: [2, 4]},
};
const momentum = (): tf.Optimizer => tf.train.momentum(0.05, 0.9);
const adam = (): tf.Optimizer => tf.train.adam(0.02);
const layeredCase = {make: layered, data: layeredData};
const connectedCase = {make: connected, data: connectedData};

/** Settings of its own for each layer of the connected model; `inner` is not pruned. */
const each: sparsity.PruneEach = layer => {
  const constant = sparsity.constantSparsity({targetSparsity: 0.6, beginStep: 4, frequency: 5});
  if (layer.name === 'inner') return null;
  if (layer.name === 'shared') return {pruningSchedule: ramp, blockSize: [2, 2], blockPoolingType: 'MAX'};
  return layer.name === 'out' ? {pruningSchedule: ramp, sparsityMByN: [1, 4]} : {pruningSchedule: constant};
};

/**
 * By name of its folder each training. Adam is saved at the end of an epoch; momentum between two batches, when the
 * last step has moved pruned weights away from zero.
 */
export const CASES: Readonly<Record<string, CheckpointCase>> = Object.fromEntries<CheckpointCase>([
  ...Object.entries(PATTERNS).flatMap(([name, pattern]) => {
    const options = {pruningSchedule: ramp, ...pattern};
    return [
      [`${name}-momentum`, {...layeredCase, options, optimizer: momentum, savedAt: 13}] as const,
      [`${name}-adam`, {...layeredCase, options, optimizer: adam, savedAt: 15}] as const,
    ];
  }),
  ['connected-adam', {...connectedCase, options: {pruningSchedule: ramp}, optimizer: adam, savedAt: 15}],
  [
    'connected-nesterov',
    {...connectedCase, options: each, optimizer: () => tf.train.momentum(0.05, 0.9, true), savedAt: 13},
  ],
]);

/** Trains from step `from` up to `to`, batch after batch in order; the whole training ends as `fit` ends. */
export async function trainSteps(
  model: tf.LayersModel,
  data: CheckpointCase['data'],
  from: number,
  to: number = STEPS,
): Promise<void> {
  const {xs, ys} = data();
  const callback = sparsity.updatePruningStep();
  callback.setModel(model);
  await callback.onTrainBegin();
  for (let step = from; step < to; step++) {
    const batch = step % BATCHES;
    const [x, y] = [xs.slice(batch * BATCH, BATCH), ys.slice(batch * BATCH, BATCH)];
    await callback.onBatchBegin(batch);
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    if (batch === BATCHES - 1) await callback.onEpochEnd((step - batch) / BATCHES);
  }
  if (to === STEPS) await callback.onTrainEnd();
  tf.dispose([xs, ys]);
}

/** A line for each weight of a model, in order. */
export function weightLines(model: tf.LayersModel): string[] {
  return model.weights.map(weight => lineOf(weight.originalName, weight.read()));
}

/** All that training gave: weights with masks, thresholds and steps, the optimizer's slots, and the stripped model. */
export async function outcomeOf(model: tf.LayersModel): Promise<Outcome> {
  const slots = (await model.optimizer.getWeights()).map(({tensor}) => tensor);
  const optimizer = slots.map((tensor, i) => lineOf(`${i}`, tensor));
  // The count of iterations is a copy, the others are the optimizer's own.
  slots[0]!.dispose();
  const plain = sparsity.stripPruning(model);
  const stripped = weightLines(plain);
  disposeModel(plain);
  return {weights: weightLines(model), optimizer, stripped};
}

function lineOf(name: string, tensor: tf.Tensor): string {
  const {buffer, byteOffset, byteLength} = tensor.dataSync();
  const digest = sha256(new Uint8Array(buffer, byteOffset, byteLength)).slice(0, 16);
  return `${name} [${tensor.shape}] ${tensor.dtype} ${digest}`;
}

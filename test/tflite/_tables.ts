import * as tf from '@tensorflow/tfjs';
import type {ConvertOptions, FullIntegerOptions} from '../../src/tflite/index.ts';
import {convert} from '../../src/tflite/index.ts';
import {diceOf} from '../../testing/dice.ts';
import {seeded} from '../../testing/seeded.ts';
import type {Case} from '../inference/_cases.ts';
import {CASES} from '../inference/_cases.ts';
import {inputsOf, setWeights} from '../inference/_compare.ts';
import {GRAPH_CASES} from '../inference/_graph-cases.ts';
import {type GraphCase, modelOf as graphModelOf, graphOf} from '../inference/_graphs.ts';
import type {Expected} from './_models.ts';
import {expected, jobOf, modelOf} from './_models.ts';
import type {Job} from './_runtimes.ts';
import type {Zeros} from './_zeros.ts';
import {putZeros} from './_zeros.ts';

const L = tf.layers;

/** One file to write and to run: of a model, or of a graph that no layers make. */
export interface Row {
  readonly title: string;
  readonly make: (() => tf.LayersModel) | GraphCase;
  readonly options: ConvertOptions;
  readonly zeros: Zeros;
  /** The file computes on whole numbers, with ranges of other inputs. */
  readonly fullInteger?: Omit<FullIntegerOptions, 'data'>;
  /** Inputs are indices below this. */
  readonly entries: number | undefined;
  /** The largest difference from what TensorFlow.js computes, relative to the range of that. */
  readonly tolerance: number;
}

/** Every op in its configurations, as floats. */
export const OPS: readonly Row[] = CASES.map(each => ({
  title: each[0],
  make: () => modelOf(each),
  options: {},
  zeros: 'none',
  entries: each[3],
  tolerance: 1e-4,
}));

/** Every operator with a kernel or a table, each large enough to be stored otherwise. */
const WEIGHTED: readonly Case[] = [
  ['dense', [64], () => L.dense({units: 40, activation: 'relu'})],
  ['dense without bias', [64], () => L.dense({units: 40, useBias: false})],
  ['dense over a sequence', [7, 32], () => L.dense({units: 24, activation: 'tanh'})],
  ['dense wider than 8-bit indices', [520], () => L.dense({units: 12})],
  ['dense with more than 16-bit segments', [600], () => L.dense({units: 600})],
  ['conv2d 3 x 3', [9, 8, 8], () => L.conv2d({filters: 12, kernelSize: 3, padding: 'same', activation: 'relu'})],
  ['conv2d 1 x 1', [6, 7, 32], () => L.conv2d({filters: 24, kernelSize: 1})],
  ['conv2d without bias', [9, 8, 8], () => L.conv2d({filters: 12, kernelSize: 3, useBias: false})],
  ['conv1d', [12, 16], () => L.conv1d({filters: 16, kernelSize: 3})],
  ['depthwise', [9, 9, 64], () => L.depthwiseConv2d({kernelSize: 3, activation: 'relu'})],
  ['conv2dTranspose', [5, 6, 8], () => L.conv2dTranspose({filters: 8, kernelSize: 3, strides: 2})],
  ['embedding', [6], () => [L.embedding({inputDim: 50, outputDim: 16}), L.flatten()], 50],
  ['lstm', [5, 12], () => L.lstm({units: 16})],
  ['gru', [5, 12], () => L.gru({units: 16, returnSequences: true})],
];

const STORED = [
  ['float32', 1e-4],
  ['float16', 1e-2],
  ['int8', 4e-2],
] as const;

/** Weights in every form that there is for them. */
export const STORAGE: readonly Row[] = WEIGHTED.flatMap(each =>
  (['none', 'half', 'most', 'blocks'] as const).flatMap(zeros =>
    STORED.map(([weights, tolerance]) => ({
      title: `${each[0]}, zeros: ${zeros}, ${weights}`,
      make: () => modelOf(each),
      options: {weights, sparsity: 'size'} as const,
      zeros,
      entries: each[3],
      tolerance,
    })),
  ),
);

/** A step at a threshold, and states that grow from step to step: one level more or less decides everything there. */
const DISCONTINUOUS = /^thresholdedReLU after|with elu and relu6/;

/** Every op on whole numbers. */
export const INTEGER: readonly Row[] = OPS.filter(({title}) => !DISCONTINUOUS.test(title)).map((row, i) => ({
  ...row,
  title: `${row.title}, on whole numbers`,
  fullInteger: {method: (['minmax', 'percentile', 'entropy'] as const)[i % 3]!},
  tolerance: 0.05,
}));

/** Recurrent layers as operators that keep their state: right on the first call, and nowhere in LiteRT for the web. */
export const FUSED: readonly Row[] = OPS.filter(({title}) => /^(simpleRNN|gru|lstm|bidirectional)/.test(title)).map(
  row => ({...row, title: `${row.title}, fused`, options: {recurrent: 'fused'}}),
);

/** Ops that no layers make. */
export const GRAPHS: readonly Row[] = GRAPH_CASES.map(given => ({
  title: given.name,
  make: given,
  options: {},
  zeros: 'none',
  entries: undefined,
  tolerance: 1e-4,
}));

/** Examples that ranges are seen on; the first two of them are computed. */
const EXAMPLES = 64;

/** A row as a file, with what TensorFlow.js computes. */
export async function fileOf(row: Row): Promise<{readonly job: Job; readonly want: Expected}> {
  if (typeof row.make !== 'function') return graphFile(row.make, row.options);
  const model = row.make();
  const random = seeded(row.title.length * 131);
  setWeights(model, random, {sparsity: 0});
  putZeros(model, row.zeros, random);
  const examples = inputsOf(model, row.fullInteger === undefined ? 2 : EXAMPLES, random, row.entries);
  const [data] = examples.map(tensor => tensor.dataSync() as Float32Array);
  const first = examples.map(tensor => tensor.slice(0, 2));
  tf.dispose(examples);
  const want = expected(model, first, row.entries !== undefined);
  const fullInteger = row.fullInteger && {...row.fullInteger, data: data!};
  const job = await jobOf(model, want, {...row.options, ...(fullInteger && {fullInteger})});
  model.dispose();
  return {job, want};
}

async function graphFile(
  given: GraphCase,
  options: ConvertOptions,
): Promise<{readonly job: Job; readonly want: Expected}> {
  const {shapes, range = x => x} = given;
  const dice = diceOf(seeded(given.name.length * 17 + shapes.length));
  const inputs = shapes.map(shape => {
    const batch = [2, ...shape];
    const values = dice.floats(batch.reduce((product, size) => product * size, 1)).map(range);
    return {type: 'float32' as const, shape: batch, values};
  });
  const outputs = tf.tidy(() => {
    const tensors = inputs.map(({values, shape}) => tf.tensor(values, shape));
    return [Float32Array.from(given.want(tensors).dataSync())];
  });
  const want = {inputs, outputs};
  return {job: {file: await convert(graphModelOf(graphOf(given, 'flat')), {batchSize: 2, ...options}), inputs}, want};
}

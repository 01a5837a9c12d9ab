import type {CompressOptions} from 'tfjs-model-optimization/compression';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {type StoredWeight, stored} from '../../testing/artifacts.ts';
import {seeded} from '../../testing/seeded.ts';
import {BOOL, COMPLEX64, FLOAT16, floats, INT32, modelOf, numbers, strings, UINT8, UINT16} from './_weights.ts';

/** A model to be compressed and how. */
interface Golden {
  readonly artifacts: ModelArtifacts;
  readonly options?: CompressOptions;
}

/** Begins anew for every model, so that a new one changes no other. */
let random = seeded(7);
/** About normal, variance one. */
const normal = (): number => (random() + random() + random() + random() + random() + random() - 3) * 1.4;
const pruned = (density: number, value = normal): number => (random() < density ? value() : 0);
const oneOf = (values: readonly number[]): number => values[Math.floor(random() * values.length)]!;
/** The word of a float16 of middling size. */
const half = (): number =>
  (random() < 0.5 ? 0x8000 : 0) + (Math.floor(9 + random() * 6) << 10) + Math.floor(random() * 1024);
const noise = Float32Array.from({length: 6000}, normal);

function bits(name: string, shape: readonly number[], words: Uint32Array): StoredWeight {
  return stored(name, shape, {dtype: 'float32'}, words);
}

/** A small convolutional network, pruned, with a batch normalisation. */
function network(): StoredWeight[] {
  return [
    floats('conv2d_Conv2D1/kernel', [3, 3, 1, 8], () => normal() / 3),
    floats('conv2d_Conv2D1/bias', [8], () => normal() / 50),
    floats('batch_normalization_BatchNormalization1/gamma', [8], () => 1 + normal() / 20),
    floats('batch_normalization_BatchNormalization1/beta', [8], () => 0),
    floats('batch_normalization_BatchNormalization1/moving_mean', [8], () => normal() / 10),
    floats('batch_normalization_BatchNormalization1/moving_variance', [8], () => 0.5 + random()),
    floats('conv2d_Conv2D2/kernel', [3, 3, 8, 16], () => pruned(0.25) / 8),
    floats('conv2d_Conv2D2/bias', [16], () => 0),
    floats('dense_Dense1/kernel', [64, 24], () => pruned(0.1) / 8),
    floats('dense_Dense1/bias', [24], () => normal() / 50),
    floats('dense_Dense2/kernel', [24, 10], () => pruned(0.4) / 5),
    floats('dense_Dense2/bias', [10], () => normal() / 50),
  ];
}

const LOSSLESS: Readonly<Record<string, () => readonly StoredWeight[]>> = {
  'no-weights': () => [],
  network,
  'float-dense': () => [
    floats('kernel', [40, 30], () => normal() / 6),
    floats('bias', [30], () => normal() / 60),
    floats('narrow', [100, 3], normal),
  ],
  'float-pruned': () => [
    floats('kernel', [100, 50], () => pruned(0.1)),
    floats('2:4', [32, 32], i => (i % 4 < 2 ? normal() : 0)),
  ],
  'float-shifted': () => [
    bits(
      'bfloat16',
      [50, 40],
      new Uint32Array(noise.slice(0, 2000).buffer).map(word => word & 0xffff0000),
    ),
  ],
  'float-special': () => {
    const special = [
      0x7fc00000, 0x7f800001, 0xffffffff, 0x80000000, 0, 1, 0x80000001, 0x007fffff, 0x7f800000, 0xff800000,
    ];
    const words = Uint32Array.from({length: 1200}, (_, i) => special[i % 10]! ^ (i > 600 ? i << 3 : 0));
    const among = new Uint32Array(noise.slice(0, 1500).buffer);
    special.forEach((word, i) => {
      among[101 * i] = word;
    });
    return [
      bits('few', [60, 10], words.slice(0, 600)),
      bits('many', [60, 10], words.slice(600)),
      bits('among others', [75, 20], among),
      floats('both zeros', [20, 20], () => (random() < 0.5 ? 0 : random() < 0.5 ? -0 : normal())),
    ];
  },
  periods: () => {
    const channel = [0.9, 0.05, 0.4, 0.1, 0.9, 0.05, 0.4, 0.1];
    const density = (i: number): number => channel[Math.floor(i / 12) % 8]!;
    return [
      floats('conv/kernel', [3, 3, 8, 12], i => pruned(density(i))),
      floats('over an image', [336, 6], i => pruned(Math.floor(i / 6) % 28 < 9 ? 0.8 : 0.02)),
      floats('levels/kernel', [3, 3, 8, 12], i => pruned(density(i), () => Math.round(normal() * 9) * 0.25)),
    ];
  },
  shapes: () => [
    floats('scalar', [], () => 0.1),
    floats('nothing', [0], () => 0),
    floats('no rows', [0, 4], () => 0),
    floats('no columns', [3, 0], () => 0),
    floats('no channels', [2, 3, 0, 5], () => 0),
    floats('column', [50, 1], normal),
    floats('row', [1, 50], normal),
    floats('five axes', [2, 2, 2, 3, 5], normal),
    floats('wide', [1, 70_000], () => (random() < 0.002 ? normal() : 0)),
    numbers('no integers', [0], INT32, () => 0),
    numbers('no bytes', [0, 3], UINT8, () => 0),
    numbers('no complex', [0], COMPLEX64, () => 0),
  ],
  constants: () => [
    floats('zeros', [30, 40], () => 0),
    floats('minus zeros', [30, 40], () => -0),
    floats('ones', [500], () => 1),
    floats('third', [7, 9], () => 1 / 3),
    numbers('int32', [20, 20], INT32, () => -2),
    numbers('bool', [300], BOOL, () => 1),
    numbers('uint8', [16, 16], UINT8, () => 125),
    numbers('uint16', [16, 16], UINT16, () => 0x1234),
    numbers('float16', [16, 16], FLOAT16, () => 0x3555),
    numbers('complex64', [30], COMPLEX64, () => 0.7),
  ],
  levels: () => [
    floats('counted up', [3000], i => i),
    floats('whole', [60, 40], () => Math.round(normal() * 300)),
    floats('steps of 0.013', [60, 40], () => Math.round(pruned(0.3) * 20) * Math.fround(0.013)),
    floats('far apart', [60, 40], () => oneOf([0, 1, 777, -913, 1001]) * Math.fround(0.013)),
    floats('few values', [60, 40], () => oneOf([0, 0.1, -0.1, 0.37, -2])),
    floats('many values', [80, 60], i => (0.001 + (((i * 7919) % 400) / 77) ** 3) * oneOf([-1, 1])),
  ],
  int32: () => [
    numbers('counted up', [3000], INT32, i => i - 100),
    numbers('small', [50, 20], INT32, () => normal() * 40),
    numbers('wide', [40, 20], INT32, () => normal() * 1e5),
    numbers('identifiers', [1500], INT32, () => Math.floor(random() * random() * 300) * 7919),
    numbers('noise', [300], INT32, () => random() * 4e9),
  ],
  bool: () => [
    numbers('flags', [40, 50], BOOL, () => (random() < 0.2 ? 1 : 0)),
    numbers('in turn', [600], BOOL, i => (i % 3 === 0 ? 1 : 0)),
  ],
  uint8: () => [
    numbers('dense', [50, 30], UINT8, () => Math.max(0, Math.min(255, 128 + normal() * 25))),
    numbers('pruned', [80, 50], UINT8, () => 125 + pruned(0.1) * 20),
    numbers('few', [50, 40], UINT8, () => oneOf([3, 250, 77, 191])),
    numbers('noise', [500], UINT8, () => random() * 256),
    numbers('counted up', [256], UINT8, i => i),
  ],
  uint16: () => [
    numbers('dense', [50, 30], UINT16, () => 32_768 + normal() * 5000),
    numbers('pruned', [60, 50], UINT16, () => 10_000 + pruned(0.1) * 900),
    numbers('few', [50, 40], UINT16, () => oneOf([9, 60_000, 777, 31_003])),
    numbers('noise', [300], UINT16, () => random() * 65_536),
    numbers('counted up', [1000], UINT16, i => 3 * i),
  ],
  float16: () => [
    numbers('dense', [50, 30], FLOAT16, half),
    numbers('pruned', [80, 50], FLOAT16, () => pruned(0.1, half)),
    numbers('few', [50, 40], FLOAT16, () => oneOf([0, 0x3555, 0xb555, 0x1234])),
    numbers('short', [50, 30], FLOAT16, () => half() & 0xffe0),
    numbers('noise', [300], FLOAT16, () => random() * 65_536),
  ],
  complex64: () => [
    numbers('dense', [20, 15], COMPLEX64, normal),
    numbers('real', [30, 20], COMPLEX64, i => (i % 2 === 0 ? normal() : 0)),
    numbers('few', [30, 20], COMPLEX64, () => oneOf([0, 1, -0.3])),
  ],
  strings: () => [
    floats('a', [2], i => i + 1),
    strings('vocabulary', ['tokens', '', 'über', 'x'.repeat(300), '\u0000', '日本語', '🙂']),
    strings('none', []),
    floats('b', [3], i => i + 1),
    strings('again', ['tokens', '', 'über']),
  ],
  repeats: () => {
    const again = (i: number): number => Math.abs(noise[i % 320]!);
    return [
      floats('rows', [8, 500], i => noise[i % 500]!),
      floats('indices', [60, 64], i => [0, 0.1, -0.1, 0.37, 0.22, -2][Math.floor(again(i) * 7) % 6]!),
      floats('indices of steps', [60, 64], i => [0, 1, 777, -913][Math.floor(again(i) * 9) % 4]! * Math.fround(0.013)),
      numbers('uint8', [40, 64], UINT8, i => again(i) * 80),
      numbers('uint16', [20, 64], UINT16, i => again(i) * 20_000),
      numbers('int32', [20, 64], INT32, i => again(i) * 1e9),
      numbers('float16', [20, 64], FLOAT16, i => again(i) * 9_000),
      numbers('complex64', [10, 64], COMPLEX64, again),
      floats('copied', [8, 500], i => noise[i % 500]!),
      numbers('copied uint8', [64, 40], UINT8, i => again(i) * 80),
    ];
  },
  /** More bytes than the model of bytes remembers. */
  'long-repeats': () => [
    floats('rows', [50, 1500], i => noise[(i + (i > 60_000 ? 700 : 0)) % 1500]!),
    floats('old', [1500], i => noise[i]!),
  ],
  /** A section ends after 2^22 words. */
  sections: () => [
    floats('first', [40, 10], i => noise[i]!),
    numbers('many', [2048, 2048], BOOL, () => 0),
    floats('second', [30, 10], normal),
    floats('first again', [40, 10], i => noise[i]!),
    numbers('many more', [2 ** 22], BOOL, () => 1),
    floats('third', [3], normal),
  ],
  /** So few bytes may not declare so many levels, so zero bytes follow the section. */
  'padded-weights': () => [floats('kernel', [400, 1000], i => (i === 123_456 ? 1.5 : i === 234_567 ? -2.25 : 0))],
  /** So few bytes may not declare so large a model, so zero bytes follow the last section. */
  'padded-output': () => [floats('kernel', [7000, 1000], () => 0), floats('bias', [4], normal)],
};

/** A value or a zero of either sign, as `weight * mask` leaves them. */
const masked = (density: number, value: number): number => (random() < density ? value : value * 0);
const halfMasked = (density: number): number => (random() < density ? half() : random() < 0.5 ? 0x8000 : 0);

/** What format 1 cannot say, or not in so few bytes. */
const FORMAT_2: Readonly<Record<string, () => readonly StoredWeight[]>> = {
  'format-2-zeros': () => [
    floats('float', [60, 50], () => masked(0.2, normal())),
    floats('steps', [60, 50], () => masked(0.3, Math.round(normal() * 90) * Math.fround(0.013))),
    floats('few', [60, 50], () => masked(0.3, oneOf([0.1, -0.1, 0.37, -2]))),
    floats('zeros', [40, 50], () => (random() < 0.4 ? -0 : 0)),
    floats('conv/kernel', [3, 3, 8, 12], () => masked(0.3, normal())),
    floats('bias', [300], () => masked(0.3, normal())),
    numbers('half', [60, 50], FLOAT16, () => halfMasked(0.2)),
    numbers('complex', [20, 50], COMPLEX64, () => masked(0.2, normal())),
  ],
  'format-2-pieces': () => [
    floats('first', [20, 50], i => noise[i]!),
    numbers('odd', [7], BOOL, i => i & 1),
    floats('tuned', [20, 50], i => noise[i]! + (i % 301 === 7 ? 0.001 : 0)),
    floats('rows in another order', [20, 50], i => noise[((7 * Math.floor(i / 50)) % 20) * 50 + (i % 50)]!),
    floats('tiles', [50, 60], i => noise[2000 + (i % 700)]!),
    floats('partly', [30, 50], i => (i > 700 ? noise[i - 700]! : normal())),
    numbers('bytes', [40, 50], UINT8, i => 125 + Math.round(noise[i % 333]! * 20)),
    numbers('half', [40, 50], FLOAT16, i => 9000 + Math.round(noise[i % 777]! * 900)),
  ],
  'format-2-places': () => [
    floats('a ramp', [1500], i => i * 0.001),
    floats('a falling ramp', [1500], i => 0.5 - i * 0.001),
    numbers('half', [800], FLOAT16, i => 3000 + 7 * i + Math.floor(random() * 5)),
  ],
  'format-2-palette': () => [floats('decimals', [150, 80], () => Math.fround(Math.round(normal() * 2500) / 1e4))],
  'format-2-models': () => {
    const spread = (): number => Math.max(0, Math.min(255, 128 + normal() * 40));
    const layer = (i: number): StoredWeight[] => [
      numbers(`conv${i}/kernel`, [3, 3, 4, 16], UINT8, () => 120 + normal() * 4 * (i + 1)),
      numbers(`conv${i}/bias`, [16], UINT8, spread),
      numbers(`norm${i}/gamma`, [16], UINT8, spread),
      numbers(`norm${i}/beta`, [16], UINT8, spread),
    ];
    return [...layer(1), ...layer(2), ...layer(3), ...layer(4)];
  },
};

const LAYERS = {
  class_name: 'Sequential',
  config: {
    name: 'sequential_1',
    layers: [
      {
        class_name: 'Dense',
        config: {
          units: 3,
          activation: 'linear',
          use_bias: true,
          kernel_initializer: {
            class_name: 'VarianceScaling',
            config: {scale: 1, mode: 'fan_avg', distribution: 'normal', seed: null},
          },
          name: 'dense_Dense1',
          trainable: true,
          batch_input_shape: [null, 2],
          dtype: 'float32',
        },
      },
    ],
  },
  keras_version: 'tfjs-layers 4.22.0',
  backend: 'tensor_flow.js',
};

const HEADS: Readonly<Record<string, () => ModelArtifacts>> = {
  'head-layers-model': () =>
    modelOf([floats('dense_Dense1/kernel', [2, 3], normal), floats('dense_Dense1/bias', [3], () => 0)], {
      modelTopology: LAYERS,
      trainingConfig: {
        loss: 'meanSquaredError',
        metrics: ['accuracy'],
        weighted_metrics: null,
        sample_weight_mode: null,
        loss_weights: null,
        optimizer_config: {class_name: 'Adam', config: {learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7}},
      },
      userDefinedMetadata: {
        text: 'über 日本語 🙂 "quoted" \\ \n \u0000',
        numbers: [0, -1, 1e-7, 1e21, 9007199254740991, 0.1],
        nothing: null,
        nested: {a: [{b: [[], {}]}], true: true},
        '': 'empty key',
      },
      convertedBy: 'TensorFlow.js Converter v4.22.0',
    }),
  'head-graph-model': () =>
    modelOf([numbers('dense/kernel', [4, 3], UINT8, i => 20 * i)], {
      format: 'graph-model',
      generatedBy: '2.15.0',
      modelTopology: {
        node: [
          {
            name: 'x',
            op: 'Placeholder',
            attr: {dtype: {type: 'DT_FLOAT'}, shape: {shape: {dim: [{size: '-1'}, {size: '4'}]}}},
          },
          {name: 'dense/kernel', op: 'Const', attr: {dtype: {type: 'DT_FLOAT'}}},
          {
            name: 'y',
            op: 'MatMul',
            input: ['x', 'dense/kernel'],
            attr: {transpose_a: {b: false}, T: {type: 'DT_FLOAT'}},
          },
        ],
        library: {},
        versions: {producer: 1645},
      },
      signature: {inputs: {x: {name: 'x:0', dtype: 'DT_FLOAT'}}, outputs: {y: {name: 'y:0', dtype: 'DT_FLOAT'}}},
      modelInitializer: {node: []},
      initializerSignature: {outputs: {}},
    }),
  'padded-model': () =>
    modelOf([floats('a', [3], normal)], {userDefinedMetadata: {text: 'all the same '.repeat(4000)}}),
};

const LOSSY: Readonly<Record<string, CompressOptions>> = {
  'step-auto': {step: 'auto'},
  'step-0.05': {step: 0.05},
  'step-fine': {step: 1e-5, include: 'all', lambda: 0},
  'bits-2': {bits: 2},
  'bits-4-all': {bits: 4, include: 'all'},
  'bits-8': {bits: 8},
  'bits-16': {bits: 16, include: 'all'},
  'codebook-2': {codebook: 2},
  'codebook-16-all': {codebook: 16, include: 'all'},
  'codebook-256': {codebook: 256},
};

function anew<T>(make: () => T): T {
  random = seeded(7);
  return make();
}

/** By name the models whose files are kept as golden files: every way to code a weight of every type. */
export const GOLDENS: Readonly<Record<string, Golden>> = Object.fromEntries<Golden>([
  ...Object.entries({...LOSSLESS, ...FORMAT_2}).map(
    ([name, weights]) => [name, {artifacts: modelOf(anew(weights))}] as const,
  ),
  ...Object.entries(HEADS).map(([name, artifacts]) => [name, {artifacts: anew(artifacts)}] as const),
  ...Object.entries(LOSSY).map(([name, options]) => [name, {artifacts: modelOf(anew(network)), options}] as const),
]);

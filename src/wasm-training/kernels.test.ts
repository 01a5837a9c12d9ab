import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {type Random, seeded} from '../../testing/seeded.ts';
import {registerTrainingKernels} from './index.ts';

checkLeaks();

interface Case {
  readonly inputs: readonly Values[];
  /** The op under test; its gradients are taken for every input. */
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
}
interface Values {
  readonly shape: number[];
  readonly values: Float32Array;
}

const integer = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const pick = <T>(random: Random, choices: readonly T[]): T => choices[integer(random, 0, choices.length - 1)]!;

function values(random: Random, shape: number[]): Values {
  return {shape, values: Float32Array.from({length: tf.util.sizeFromShape(shape)}, () => random() * 2 - 1)};
}

/** The result and all gradients of a case on one backend. Asserts that nothing leaked. */
async function evaluate(backend: string, {inputs, run}: Case, withGradients = true): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  // Freed memory full of NaN shows every kernel that reads what it has not written.
  tf.dispose(Array.from({length: 40}, (_, i) => tf.fill([(i + 1) * 32], Number.NaN)));
  const outputs = tf.tidy(() => {
    const tensors = inputs.map(({shape, values}) => tf.tensor(values, shape));
    const result = run(...tensors);
    if (!withGradients) return [result];
    // A weighted sum gives every output position a different dy.
    const weights = tf.tensor(
      Float32Array.from({length: result.size}, (_, i) => Math.sin(i + 1)),
      result.shape,
    );
    const grads = tf.grads((...xs) => tf.sum(tf.mul(run(...xs), weights)))(tensors);
    return [result, ...grads];
  });
  const data = (await Promise.all(outputs.map(output => output.data()))) as Float32Array[];
  tf.dispose(outputs);
  return data;
}

/** Worst difference over the largest magnitude of each tensor. */
function worstError(actual: Float32Array[], expected: Float32Array[]): number {
  let worst = 0;
  for (const [t, values] of expected.entries()) {
    expect(actual[t]!.length).toBe(values.length);
    const scale = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6);
    for (const [i, v] of values.entries()) worst = Math.max(worst, Math.abs(actual[t]![i]! - v) / scale);
  }
  return worst;
}

const PADDINGS = ['same', 'valid'] as const;
type Padding = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];
function padding(random: Random, filter: readonly [number, number]): Padding {
  const explicit: Padding = [
    [0, 0],
    [integer(random, 0, filter[0]), integer(random, 0, filter[0])],
    [integer(random, 0, filter[1]), integer(random, 0, filter[1])],
    [0, 0],
  ];
  return pick<Padding>(random, ['same', 'valid', explicit]);
}

function convCase(random: Random, depthwise: boolean, oneDimensional: boolean): Case {
  const filter: [number, number] = [oneDimensional ? 1 : integer(random, 1, 5), integer(random, 1, 5)];
  const size = [oneDimensional ? 1 : integer(random, filter[0], 11), integer(random, filter[1], 11)];
  const strides: [number, number] = [oneDimensional ? 1 : integer(random, 1, 3), integer(random, 1, 3)];
  const channels = integer(random, 1, 6);
  const x = values(random, [integer(random, 1, 3), size[0]!, size[1]!, channels]);
  const w = values(random, [...filter, channels, integer(random, 1, depthwise ? 3 : 7)]);
  const pad = oneDimensional ? pick(random, PADDINGS) : padding(random, filter);
  return {
    inputs: [x, w],
    run: (x, w) =>
      depthwise
        ? tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad as 'same')
        : tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad),
  };
}

function conv3dCase(random: Random): Case {
  const filter = [integer(random, 1, 3), integer(random, 1, 3), integer(random, 1, 3)];
  const channels = integer(random, 1, 3);
  const strides = [integer(random, 1, 3), integer(random, 1, 3), integer(random, 1, 3)] as [number, number, number];
  const size = filter.map(taps => integer(random, taps, 6));
  const pad = pick(random, PADDINGS);
  return {
    inputs: [
      values(random, [integer(random, 1, 2), ...size, channels]),
      values(random, [...filter, channels, integer(random, 1, 4)]),
    ],
    run: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, strides, pad),
  };
}

function maxPoolCase(random: Random): Case {
  const filter = [integer(random, 1, 4), integer(random, 1, 4)] as [number, number];
  const strides: [number, number] = [integer(random, 1, 3), integer(random, 1, 3)];
  const x = values(random, [2, integer(random, filter[0], 9), integer(random, filter[1], 9), integer(random, 1, 5)]);
  const pad = pick(random, PADDINGS);
  return {inputs: [x], run: x => tf.maxPool(x as tf.Tensor4D, filter, strides, pad)};
}

function maxPool3dCase(random: Random): Case {
  // Square windows: the cpu backend's gradient confuses the rows and columns of others.
  const side = integer(random, 1, 3);
  const filter: [number, number, number] = [integer(random, 1, 3), side, side];
  const strides = [integer(random, 1, 3), integer(random, 1, 3), integer(random, 1, 3)] as [number, number, number];
  const x = values(random, [2, ...filter.map(taps => integer(random, taps, 6)), integer(random, 1, 3)]);
  const pad = pick(random, PADDINGS);
  return {inputs: [x], run: x => tf.maxPool3d(x as tf.Tensor5D, filter, strides, pad)};
}

function reductionCase(random: Random): Case {
  const shape = Array.from({length: integer(random, 2, 4)}, () => integer(random, 1, 6));
  const axes = shape.map((_, axis) => axis).filter(() => random() < 0.5);
  const keepDims = random() < 0.5;
  const reduce = pick(random, [tf.sum, tf.mean]);
  return {inputs: [values(random, shape)], run: x => reduce(x, axes.length > 0 ? axes : [0], keepDims)};
}

function batchNormCase(random: Random): Case {
  const channels = integer(random, 1, 5);
  const x = values(random, [integer(random, 1, 3), integer(random, 1, 5), integer(random, 1, 5), channels]);
  const [mean, offset, scale] = [0, 1, 2].map(() => values(random, [channels]));
  return {
    inputs: [x, mean!, offset!, scale!],
    run: (x, mean, offset, scale) =>
      tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        tf.square(scale!).add(0.5) as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
  };
}

function conv1dCase(random: Random): Case {
  const width = integer(random, 1, 5);
  const channels = integer(random, 1, 6);
  const x = values(random, [integer(random, 1, 3), integer(random, width, 20), channels]);
  const w = values(random, [width, channels, integer(random, 1, 7)]);
  const stride = integer(random, 1, 3);
  const pad = pick(random, PADDINGS);
  return {inputs: [x, w], run: (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, stride, pad)};
}

function transposedConvCase(random: Random): Case {
  const filter = [integer(random, 1, 5), integer(random, 1, 5)] as const;
  const stride = integer(random, 1, 3);
  const [batch, height, width, from, to] = [integer(random, 1, 3), integer(random, 1, 6), integer(random, 1, 6), 3, 5];
  const same = random() < 0.5;
  const grown = (n: number, k: number): number => (same ? n * stride : n * stride + Math.max(k - stride, 0));
  const shape: [number, number, number, number] = [batch, grown(height, filter[0]), grown(width, filter[1]), to];
  return {
    inputs: [values(random, [batch, height, width, from]), values(random, [...filter, to, from])],
    run: (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, shape, stride, same ? 'same' : 'valid'),
  };
}

function matMulCase(random: Random): Case {
  const [m, k, n] = [integer(random, 1, 70), integer(random, 1, 130), integer(random, 1, 70)];
  const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
  const batches = pick(random, [
    [[], []],
    [[3], [3]],
    [
      [2, 3],
      [2, 3],
    ],
  ] as const);
  return {
    inputs: [
      values(random, [...batches[0]!, ...(transposeA ? [k, m] : [m, k])]),
      values(random, [...batches[1]!, ...(transposeB ? [n, k] : [k, n])]),
    ],
    run: (a, b) => tf.matMul(a, b, transposeA, transposeB),
  };
}

function gatherCase(random: Random): Case {
  const [rows, width, count] = [integer(random, 1, 9), integer(random, 1, 6), integer(random, 1, 20)];
  const indices = Int32Array.from({length: count}, () => integer(random, 0, rows - 1));
  return {inputs: [values(random, [rows, width])], run: table => tf.gather(table, tf.tensor1d(indices, 'int32'))};
}

function tileCase(random: Random): Case {
  const shape = Array.from({length: integer(random, 1, 4)}, () => integer(random, 1, 4));
  const reps = shape.map(() => integer(random, 1, 3));
  // Half of them as the gradient of a batch normalisation asks for: a vector, not repeated in its own dimension.
  if (random() < 0.5) {
    shape.fill(1, 0, -1);
    reps[shape.length - 1] = 1;
  }
  return {inputs: [values(random, shape)], run: x => tf.tile(x, reps)};
}

const FAMILIES: readonly (readonly [string, number, (random: Random) => Case])[] = [
  ['conv2d', 24, random => convCase(random, false, false)],
  ['conv2d over one row', 6, random => convCase(random, false, true)],
  ['conv1d', 8, conv1dCase],
  ['conv2dTranspose', 12, transposedConvCase],
  ['conv3d', 40, conv3dCase],
  ['depthwiseConv2d', 16, random => convCase(random, true, false)],
  ['matMul', 16, matMulCase],
  ['gather', 4, gatherCase],
  ['maxPool', 24, maxPoolCase],
  ['maxPool3d', 12, maxPool3dCase],
  ['batchNorm', 4, batchNormCase],
  ['sum and mean', 16, reductionCase],
  ['tile', 24, tileCase],
];

/** Fused products as inference runs them: no gradient is taken, so that the fused kernel itself is called. */
function fusedMatMulCase(random: Random): Case {
  // An inner dimension above 48 is what the stock kernel cuts into blocks.
  const [m, k, n] = [integer(random, 1, 70), integer(random, 40, 130), integer(random, 1, 70)];
  const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
  const batch = pick(random, [1, 3]);
  const activation = pick(random, ['linear', 'relu', 'sigmoid'] as const);
  return {
    inputs: [
      values(random, [batch, ...(transposeA ? [k, m] : [m, k])]),
      values(random, [pick(random, [1, batch]), ...(transposeB ? [n, k] : [k, n])]),
      values(random, [n]),
    ],
    run: (a, b, bias) => tf.fused.matMul({a: a!, b: b!, bias: bias!, transposeA, transposeB, activation}),
  };
}

/** A fused depthwise convolution with dilation, as a converted graph model runs it. */
function fusedDepthwiseCase(random: Random): Case {
  const channels = integer(random, 1, 4);
  const dilations = integer(random, 1, 2);
  const strides = dilations > 1 ? 1 : integer(random, 1, 4);
  const pad = pick(random, PADDINGS);
  const activation = pick(random, ['linear', 'relu6'] as const);
  const multiplier = integer(random, 1, 2);
  return {
    inputs: [
      values(random, [2, integer(random, 5, 9), integer(random, 5, 9), channels]),
      values(random, [integer(random, 1, 3), integer(random, 1, 3), channels, multiplier]),
      values(random, [channels * multiplier]),
    ],
    run: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        bias: bias!,
        ...{strides, pad, dilations, activation},
      }),
  };
}

const FUSED: typeof FAMILIES = [
  ['depthwiseConv2d', 24, fusedDepthwiseCase],
  ['matMul', 24, fusedMatMulCase],
];

beforeAll(() => {
  registerTrainingKernels();
});

describe('results and gradients agree with the cpu backend', () => {
  test.each(FAMILIES)('%s, %i random shapes', async (_, count, make) => {
    const random = seeded(count);
    for (let i = 0; i < count; i++) {
      const one = make(random);
      const expected = await evaluate('cpu', one);
      const actual = await evaluate('wasm', one);
      const shapes = one.inputs.map(({shape}) => `[${shape}]`).join(' ');
      expect(worstError(actual, expected), `case ${i}: ${shapes}`).toBeLessThanOrEqual(1e-5);
    }
  });

  test.each(FUSED)('fused %s, %i random shapes', async (_, count, make) => {
    const random = seeded(1);
    for (let i = 0; i < count; i++) {
      const one = make(random);
      const expected = await evaluate('cpu', one, false);
      const actual = await evaluate('wasm', one, false);
      expect(worstError(actual, expected), `case ${i}`).toBeLessThanOrEqual(1e-5);
    }
  });
});

test('gradients of a dilated depthwise convolution are those of its filter with zeros between the taps', async () => {
  const random = seeded(1);
  await tf.setBackend('wasm');
  for (const pad of PADDINGS) {
    const [x, filter] = [values(random, [2, 7, 9, 3]), values(random, [3, 2, 3, 2])];
    const gradients = (wide: boolean): number[] =>
      tf.tidy(() => {
        const taps = tf.tensor4d(filter.values, filter.shape as [number, number, number, number]);
        const used = wide ? withZeros(taps) : taps;
        const image = tf.tensor4d(x.values, x.shape as [number, number, number, number]);
        const dilations = wide ? 1 : 2;
        const dy = tf.sin(tf.depthwiseConv2d(image, used, 1, pad, 'NHWC', dilations));
        const attrs = {strides: 1, dilations, pad, inputShape: image.shape, filterShape: used.shape};
        const run = (name: string, inputs: tf.NamedTensorMap): tf.Tensor4D =>
          tf.engine().runKernel(`DepthwiseConv2dNativeBackprop${name}`, inputs, attrs) as tf.Tensor4D;
        const dFilter = run('Filter', {x: image, dy});
        const seen = wide ? tf.stridedSlice(dFilter, [0, 0, 0, 0], [5, 3, 3, 2], [2, 2, 1, 1]) : dFilter;
        return [...run('Input', {dy, filter: used}).dataSync(), ...seen.dataSync()];
      });
    const expected = gradients(true);
    for (const [i, value] of gradients(false).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  }
});

/** `[3, 2, c, m]` as `[5, 3, c, m]`, every second row and column zero. */
function withZeros(filter: tf.Tensor4D): tf.Tensor4D {
  const [, , channels, multiplier] = filter.shape;
  const rows = tf.reshape(filter, [3, 1, 2, 1, channels * multiplier]);
  const dilated = tf.pad(rows, [
    [0, 0],
    [0, 1],
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  return tf.slice4d(
    tf.reshape(dilated, [6, 4, channels, multiplier]) as tf.Tensor4D,
    [0, 0, 0, 0],
    [5, 3, channels, multiplier],
  );
}

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {registerTrainingKernels} from './index.ts';

checkLeaks();

interface Row {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** What the ops of TensorFlow.js always pass. */
  readonly given: Readonly<Record<string, unknown>>;
  /** What they may leave out or pass as `null`, with what they mean by it. */
  readonly optional: Readonly<Record<string, unknown>>;
}

const X = [2, 7, 5, 3];
const FILTER = [2, 2, 3, 2];
const CONV = {strides: [1, 1], pad: 'same'};
const NHWC = {dataFormat: 'NHWC', dimRoundingMode: undefined};
const DILATED = {...NHWC, dilations: [1, 1]};
const FUSED = {...DILATED, activation: 'linear', leakyreluAlpha: undefined};
const POOL = {filterSize: [2, 2], strides: [2, 2], pad: 'same'};
const POOL_3D = {filterSize: [2, 2, 2], strides: [2, 2, 2], pad: 'same'};
const PRODUCT = {transposeA: false, transposeB: false};

/** Every kernel this library registers, with tensors and attributes to run it. */
const KERNELS: Readonly<Record<string, Row>> = {
  BatchMatMul: {inputs: {a: [2, 3, 5], b: [2, 5, 2]}, given: {}, optional: PRODUCT},
  Conv2D: {inputs: {x: X, filter: FILTER}, given: {...CONV, strides: [4, 4]}, optional: DILATED},
  Conv2DBackpropFilter: {inputs: {x: X, dy: [2, 7, 5, 2]}, given: {...CONV, filterShape: FILTER}, optional: NHWC},
  Conv2DBackpropInput: {inputs: {dy: [2, 7, 5, 2], filter: FILTER}, given: {...CONV, inputShape: X}, optional: NHWC},
  Conv3DBackpropFilterV2: {
    inputs: {x: [1, 3, 5, 3, 2], dy: [1, 3, 5, 3, 4]},
    given: {strides: [1, 1, 1], pad: 'same', filterShape: [2, 2, 2, 2, 4]},
    optional: {},
  },
  Conv3DBackpropInputV2: {
    inputs: {dy: [1, 3, 5, 3, 4], filter: [2, 2, 2, 2, 4]},
    given: {strides: [1, 1, 1], pad: 'same', inputShape: [1, 3, 5, 3, 2]},
    optional: {},
  },
  DepthwiseConv2dNative: {inputs: {x: X, filter: FILTER}, given: {...CONV, strides: [4, 4]}, optional: DILATED},
  DepthwiseConv2dNativeBackpropFilter: {
    inputs: {x: X, dy: [2, 7, 5, 6]},
    given: {...CONV, filterShape: FILTER},
    optional: DILATED,
  },
  DepthwiseConv2dNativeBackpropInput: {
    inputs: {dy: [2, 7, 5, 6], filter: FILTER},
    given: {...CONV, inputShape: X},
    optional: DILATED,
  },
  FusedConv2D: {inputs: {x: X, filter: FILTER, bias: [2]}, given: CONV, optional: FUSED},
  FusedDepthwiseConv2D: {inputs: {x: X, filter: FILTER, bias: [6]}, given: CONV, optional: FUSED},
  MaxPool3D: {
    inputs: {x: [1, 3, 5, 3, 2]},
    given: POOL_3D,
    optional: {dataFormat: 'NDHWC', dimRoundingMode: undefined},
  },
  MaxPool3DGrad: {
    inputs: {dy: [1, 2, 3, 2, 2], input: [1, 3, 5, 3, 2], output: [1, 2, 3, 2, 2]},
    given: POOL_3D,
    optional: {dimRoundingMode: undefined},
  },
  MaxPoolGrad: {
    inputs: {dy: [2, 4, 3, 3], input: X, output: [2, 4, 3, 3]},
    given: POOL,
    optional: {dimRoundingMode: undefined},
  },
  Mean: {inputs: {x: [3, 5]}, given: {axis: [0]}, optional: {keepDims: false}},
  Sum: {inputs: {x: [3, 5]}, given: {axis: [0]}, optional: {keepDims: false}},
  Tile: {inputs: {x: [1, 5]}, given: {reps: [3, 1]}, optional: {}},
  UnsortedSegmentSum: {inputs: {x: [3, 5], segmentIds: [3]}, given: {numSegments: 2}, optional: {}},
  _FusedMatMul: {
    inputs: {a: [2, 3, 5], b: [1, 5, 2], bias: [2]},
    given: {},
    optional: {...PRODUCT, activation: 'linear', leakyreluAlpha: undefined},
  },
};

let registered: string[] = [];

beforeAll(async () => {
  registered = registerTrainingKernels();
  await tf.setBackend('wasm');
});

test('the table has every kernel', () => {
  expect(registered.sort()).toEqual(Object.keys(KERNELS).sort());
});

test.each(Object.entries(KERNELS))('%s takes missing attributes and null', (name, {inputs, given, optional}) => {
  const run = (attrs: Readonly<Record<string, unknown>>): number[] =>
    tf.tidy(() => {
      const tensors = Object.fromEntries(Object.entries(inputs).map(([key, shape]) => [key, waves(key, shape)]));
      const result = tf.engine().runKernel(name, tensors, attrs as tf.NamedAttrMap) as tf.Tensor;
      return Array.from(result.dataSync());
    });
  const expected = run({...given, ...optional});
  expect(expected.some(value => value !== 0)).toBe(true);
  expect(run(given)).toEqual(expected);
  expect(run({...given, ...Object.fromEntries(Object.keys(optional).map(key => [key, null]))})).toEqual(expected);
});

function waves(name: string, shape: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  if (name === 'segmentIds') return tf.tensor1d(Int32Array.from({length: size}, (_, i) => i % 2));
  return tf.tensor(
    Float32Array.from({length: size}, (_, i) => Math.sin(1.7 * i + 1)),
    [...shape],
  );
}

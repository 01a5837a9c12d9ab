import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {beforeAll, describe, expect, test} from 'vitest';
import {LAYER_CASES, type LayerCase, OTHER_LAYERS} from './_layers.ts';

const {layers} = tf;

/** Numbers, or what TensorFlow.js threw instead. */
type Outcome = readonly number[] | Error;

/** What the stock wasm backend predicts with other numbers than the cpu backend, and the library puts right. */
const STOCK_IS_WRONG: readonly RegExp[] = [
  /^Conv3DTranspose /,
  /^MaxPooling3D /,
  // The stride steps over inputs that no filter tap sees.
  /^(Conv1D|Conv2D|DepthwiseConv2D|SeparableConv2D) .*kernelSize 2 padding "same" strides 4/,
];

/** What no layer of TensorFlow.js calls. */
const UNREACHED = ['FusedDepthwiseConv2D'];

const CLASSES = [...new Set(LAYER_CASES.map(({className}) => className))].map(
  name => [name, LAYER_CASES.filter(({className}) => className === name)] as const,
);

const before = new Map<string, Outcome>();
let replaced: string[] = [];
const reached = new Set<string>();

beforeAll(async () => {
  for (const one of LAYER_CASES) before.set(one.title, await predict('wasm', one));
  replaced = registerTrainingKernels();
  for (const kernelName of replaced) watch(kernelName);
});

describe('predicts as before, and as on cpu', () => {
  test.each(CLASSES)('%s', async (_, cases) => {
    for (const one of cases) {
      const stock = before.get(one.title)!;
      const expected = await predict('cpu', one);
      const actual = await predict('wasm', one);
      if (one.unsupported) {
        for (const outcome of [stock, expected, actual])
          expect.soft(String(outcome), one.title).toMatch(one.unsupported);
        continue;
      }
      expect.soft(difference(actual, expected), named(one, actual, expected)).toBeLessThanOrEqual(1e-5);
      const isWrong = STOCK_IS_WRONG.some(known => known.test(one.title));
      expect.soft(difference(stock, expected) > 1e-5, `${one.title}: the stock backend is wrong`).toBe(isWrong);
    }
  });
});

describe('moves every weight in a step of fit as on cpu', () => {
  test.each(CLASSES)('%s', async (_, cases) => {
    for (const one of cases.filter(({unsupported}) => !unsupported)) {
      const expected = await train('cpu', one);
      const actual = await train('wasm', one);
      if (one.untrainable) {
        for (const outcome of [expected, actual]) expect.soft(String(outcome), one.title).toMatch(one.untrainable);
        continue;
      }
      expect.soft(difference(actual, expected), named(one, actual, expected)).toBeLessThanOrEqual(1e-5);
    }
  });
});

test('the table has every layer class, and reaches every kernel', () => {
  const {classNameMap} = tf.serialization.SerializationMap.getMap();
  const classes = Object.entries(classNameMap).filter(([, [type]]) => type.prototype instanceof layers.Layer);
  const tried = new Set(LAYER_CASES.map(({className}) => className));
  expect(classes.map(([name]) => name).filter(name => !tried.has(name) && !(name in OTHER_LAYERS))).toEqual([]);
  expect([...tried].filter(name => name in OTHER_LAYERS || !(name in classNameMap))).toEqual([]);
  expect(new Set(LAYER_CASES.map(({title}) => title)).size).toBe(LAYER_CASES.length);
  expect(replaced.filter(name => !reached.has(name))).toEqual(UNREACHED);
});

/** The layer in a model that makes it compute an input gradient, with weights and inputs the same on every backend. */
function modelOf({shape, apply, batch = 3}: LayerCase): {model: tf.LayersModel; x: tf.Tensor} {
  const input = tf.input({shape: shape.length > 0 ? [...shape] : [5]});
  const seen = shape.length > 0 ? (layers.dense({units: shape.at(-1)!}).apply(input) as tf.SymbolicTensor) : input;
  let output = apply(seen);
  if (output.shape.length > 2) output = layers.flatten().apply(output) as tf.SymbolicTensor;
  const model = tf.model({inputs: input, outputs: layers.dense({units: 2}).apply(output) as tf.SymbolicTensor});
  tf.tidy(() => {
    const waves = model.weights.map(({name, shape}, i) => {
      const values = wave(shape as number[], i + 1);
      return name.includes('variance') ? tf.abs(values) : values;
    });
    model.setWeights(waves);
  });
  return {
    model,
    x: shape.length > 0 ? wave([batch, ...shape], 0) : tf.tensor2d([1, 2, 3, 1, 0, 6, 5, 4, 1, 1], [2, 5]),
  };
}

async function predict(backend: string, one: LayerCase): Promise<Outcome> {
  return on(backend, one, async (model, x) => {
    const y = model.predict(x) as tf.Tensor;
    const values = [...(await y.data())];
    y.dispose();
    return values;
  });
}

/** How every weight moves in one step of plain gradient descent; then asserts that a further step leaves no tensor. */
async function train(backend: string, one: LayerCase): Promise<Outcome> {
  return on(backend, one, async (model, x) => {
    const y = tf.ones([x.shape[0]!, 2]);
    const optimizer = tf.train.sgd(1);
    const weights = async () =>
      (await Promise.all(model.getWeights().map(weight => weight.data()))).flatMap(v => [...v]);
    try {
      model.compile({optimizer, loss: 'meanSquaredError'});
      const start = await weights();
      await model.fit(x, y, {batchSize: x.shape[0]!, epochs: 1, shuffle: false, verbose: 0});
      const moved = (await weights()).map((weight, i) => weight - start[i]!);
      const tensors = tf.memory().numTensors;
      await model.trainOnBatch(x, y);
      expect(tf.memory().numTensors).toBe(tensors);
      return moved;
    } finally {
      y.dispose();
      optimizer.dispose();
    }
  });
}

async function on(
  backend: string,
  one: LayerCase,
  run: (model: tf.LayersModel, x: tf.Tensor) => Promise<readonly number[]>,
): Promise<Outcome> {
  await tf.setBackend(backend);
  const tensors = tf.memory().numTensors;
  const {model, x} = modelOf(one);
  try {
    const values = await run(model, x);
    model.dispose();
    x.dispose();
    expect(tf.memory().numTensors, one.title).toBe(tensors);
    return values;
  } catch (error) {
    return error as Error;
  }
}

function wave(shape: readonly number[], phase: number): tf.Tensor {
  return tf.tidy(() => {
    const size = tf.util.sizeFromShape([...shape]);
    return tf.reshape(tf.mul(tf.sin(tf.add(tf.mul(tf.range(0, size), 1.7), phase)), 0.5), [...shape]);
  });
}

/** Worst difference over the largest magnitude; infinite where either side threw or has something that is no number. */
function difference(actual: Outcome, expected: Outcome): number {
  if (actual instanceof Error || expected instanceof Error) return Number.POSITIVE_INFINITY;
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst / scale;
}

/** The case, and what was thrown. */
function named({title}: LayerCase, ...outcomes: Outcome[]): string {
  return [title, ...outcomes.filter(outcome => outcome instanceof Error)].join('; ');
}

/** Notes in `reached` that a kernel ran. */
function watch(kernelName: string): void {
  const config = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig;
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...config,
    kernelFunc: call => {
      reached.add(kernelName);
      return config.kernelFunc(call);
    },
  });
}

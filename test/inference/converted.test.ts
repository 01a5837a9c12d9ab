import {expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compile} from '../../src/inference/index.ts';
import {seeded} from '../../testing/seeded.ts';
import {layer, sequentialArtifacts, weightData} from './_artifacts.ts';
import {relativeError} from './_compare.ts';

/** Models as the Python converter writes them, with what TensorFlow.js itself cannot run computed by hand. */

async function predict(artifacts: ModelArtifacts, x: Float32Array): Promise<Float32Array> {
  const engine = await compile(artifacts);
  const y = await engine.predict(x);
  engine.dispose();
  return y;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

test.each([
  [3, 'hard', false],
  [8, 'sigmoid', true],
] as const)('GRU of %i units with reset after, %s gates, backwards %s', async (units, gates, backwards) => {
  const random = seeded(units);
  const [steps, channels] = [4, 5];
  const numbers = (count: number) => Float32Array.from({length: count}, () => random() * 2 - 1);
  const kernel = numbers(channels * 3 * units);
  const recurrent = numbers(units * 3 * units);
  const bias = numbers(6 * units);
  const config = {
    ...{units, reset_after: true, activation: 'tanh', go_backwards: backwards},
    ...{
      recurrent_activation: gates === 'hard' ? 'hard_sigmoid' : 'sigmoid',
      batch_input_shape: [null, steps, channels],
    },
  };
  const artifacts = sequentialArtifacts([layer('GRU', 'gru', config)], {
    'gru/gru_cell/kernel': [[channels, 3 * units], kernel],
    'gru/gru_cell/recurrent_kernel': [[units, 3 * units], recurrent],
    'gru/gru_cell/bias': [[2, 3 * units], bias],
  });
  const x = numbers(steps * channels);
  const gate = gates === 'hard' ? (v: number) => Math.min(1, Math.max(0, 0.2 * v + 0.5)) : sigmoid;
  const product = (vector: ArrayLike<number>, at: number, size: number, matrix: Float32Array, column: number) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += vector[at + i]! * matrix[i * 3 * units + column]!;
    return sum;
  };
  let h = new Float64Array(units);
  for (let step = 0; step < steps; step++) {
    const at = (backwards ? steps - 1 - step : step) * channels;
    const zx = (column: number) => product(x, at, channels, kernel, column) + bias[column]!;
    const state = h;
    const zh = (column: number) => product(state, 0, units, recurrent, column) + bias[3 * units + column]!;
    h = Float64Array.from({length: units}, (_, u) => {
      const z = gate(zx(u) + zh(u));
      const r = gate(zx(units + u) + zh(units + u));
      const candidate = Math.tanh(zx(2 * units + u) + r * zh(2 * units + u));
      return z * state[u]! + (1 - z) * candidate;
    });
  }
  expect(relativeError(await predict(artifacts, x), h)).toBeLessThan(1e-5);
});

test('ReLU with slope, threshold and maximum', async () => {
  const config = {max_value: 2, negative_slope: 0.5, threshold: 1, batch_input_shape: [null, 5]};
  const y = await predict(sequentialArtifacts([layer('ReLU', 're_lu', config)]), Float32Array.of(-1, 0.5, 1, 1.5, 3));
  expect([...y]).toEqual([-1, -0.25, 0, 1.5, 2]);
});

test('ELU with another alpha, and softmax along the first axis', async () => {
  const layers = [
    layer('ELU', 'elu', {alpha: 2, batch_input_shape: [null, 2, 2]}),
    layer('Softmax', 'softmax', {axis: 1}),
  ];
  const y = await predict(sequentialArtifacts(layers), Float32Array.of(-1, 1, 2, 0));
  const a = 2 * (Math.exp(-1) - 1);
  const want = [1 / (1 + Math.exp(2 - a)), 1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(a - 2)), 1 / (1 + Math.exp(1))];
  expect(relativeError(y, want)).toBeLessThan(1e-5);
});

test('Subtract in a Functional model whose single output is a bare reference', async () => {
  const artifacts: ModelArtifacts = {
    modelTopology: {
      model_config: {
        class_name: 'Functional',
        config: {
          name: 'model',
          layers: [
            layer('InputLayer', 'a', {batch_input_shape: [null, 2], dtype: 'float32'}, []),
            layer('InputLayer', 'b', {batch_input_shape: [null, 2], dtype: 'float32'}, []),
            layer('Subtract', 'difference', {}, [
              [
                ['a', 0, 0, {}],
                ['b', 0, 0, {}],
              ],
            ]),
          ],
          input_layers: [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
          output_layers: ['difference', 0, 0],
        },
      },
    },
    ...weightData({}),
  };
  const engine = await compile(artifacts);
  const byName = await engine.predict({b: Float32Array.of(1, 2, 3, 4), a: Float32Array.of(5, 5, 5, 5)});
  expect([...byName['difference']!]).toEqual([4, 3, 2, 1]);
});

test('the same model in camelCase and as JSON text', async () => {
  const weights = {
    'dense/kernel': [
      [2, 1],
      [3, 4],
    ],
    'dense/bias': [[1], [0.5]],
  } as const;
  const snake = sequentialArtifacts([layer('Dense', 'dense', {units: 1, batch_input_shape: [null, 2]})], weights);
  const camel = {
    ...snake,
    modelTopology: {
      className: 'Sequential',
      config: {
        name: 'sequential',
        layers: [{className: 'Dense', config: {name: 'dense', units: 1, batchInputShape: [null, 2]}}],
      },
    },
  };
  const text = {...snake, modelTopology: {modelConfig: JSON.stringify(camel.modelTopology)}};
  for (const artifacts of [snake, camel, text])
    expect([...(await predict(artifacts, Float32Array.of(1, 2)))]).toEqual([11.5]);
});

test('a dilated depthwise convolution from Python is dilated', async () => {
  const config = {kernel_size: [1, 2], dilation_rate: [1, 2], use_bias: false, batch_input_shape: [null, 1, 4, 1]};
  const artifacts = sequentialArtifacts([layer('DepthwiseConv2D', 'depthwise', config)], {
    'depthwise/depthwise_kernel': [
      [1, 2, 1, 1],
      [1, 10],
    ],
  });
  expect([...(await predict(artifacts, Float32Array.of(1, 2, 3, 4)))]).toEqual([31, 42]);
});

test('quantised, int32 and bool weights, and weight data in pieces', async () => {
  const dense = layer('Dense', 'dense', {units: 2, batch_input_shape: [null, 2]});
  const topology = sequentialArtifacts([dense]).modelTopology;
  const x = Float32Array.of(1, 1);
  const bias = Float32Array.of(0.5, -0.5);
  const kernels = [
    [{dtype: 'uint8', min: -1, scale: 0.5}, Uint8Array.of(0, 2, 4, 6)],
    [{dtype: 'uint16', min: -1, scale: 0.5}, Uint16Array.of(0, 2, 4, 6)],
    [{dtype: 'float16'}, Uint16Array.of(0xbc00, 0x0000, 0x3c00, 0x4000)],
  ] as const;
  for (const [quantization, levels] of kernels) {
    const bytes = new Uint8Array(levels.buffer);
    const weightSpecs = [
      {name: 'dense/kernel', shape: [2, 2], dtype: 'float32', quantization},
      {name: 'dense/bias', shape: [2], dtype: 'float32'},
    ] as const;
    // Cut in the middle of the kernel and of the bias.
    const all = new Uint8Array([...bytes, ...new Uint8Array(bias.buffer)]);
    const weights = [all.slice(0, 3).buffer, all.slice(3, bytes.length + 5).buffer, all.slice(bytes.length + 5).buffer];
    const y = await predict({modelTopology: topology, weightSpecs, weightData: weights}, x);
    expect([...y]).toEqual([0.5, 1.5]);
  }
  const weightSpecs = [
    {name: 'dense/kernel', shape: [2, 2], dtype: 'int32'},
    {name: 'dense/bias', shape: [2], dtype: 'bool'},
  ] as const;
  const weightBytes = new Uint8Array([...new Uint8Array(Int32Array.of(3, -4, 5, 6).buffer), 1, 0]);
  expect([...(await predict({modelTopology: topology, weightSpecs, weightData: weightBytes.buffer}, x))]).toEqual([
    9, 2,
  ]);
});

test('x + y of Keras 3, an operation with the name of a layer', async () => {
  const at = (name: string) => ({
    class_name: '__keras_tensor__',
    config: {shape: [null, 2], dtype: 'float32', keras_history: [name, 0, 0]},
  });
  const node = (...args: unknown[]) => [{args, kwargs: {}}];
  const layers = [
    layer('InputLayer', 'i', {batch_shape: [null, 2]}, []),
    layer('ReLU', 'r', {}, node(at('i'))),
    layer('Add', 'add', {}, node(at('i'), at('r'))),
    layer('Subtract', 'subtract', {}, node(at('add'), at('r'))),
    // The masks of Keras 3 hang on operations that no output needs.
    layer('NotEqual', 'not_equal', {}, node(at('i'), 0)),
  ];
  const config = {
    name: 'm',
    layers,
    input_layers: ['i', 0, 0],
    output_layers: [
      ['add', 0, 0],
      ['subtract', 0, 0],
    ],
  };
  const artifacts = {
    modelTopology: {keras_version: '3.3.3', model_config: {class_name: 'Functional', config}},
    ...weightData({}),
  };
  const [sum, difference] = await (await compile(artifacts)).predict([Float32Array.of(-1, 3)]);
  expect([...sum!, ...difference!]).toEqual([-1, 6, -1, 3]);
});

test('a Normalization adapted before it was in a model has weights without its name', async () => {
  const layers = [layer('Normalization', 'scale', {axis: [-1], batch_input_shape: [null, 2]}), layer('ReLU', 'r', {})];
  const artifacts = sequentialArtifacts(layers, {mean: [[2], [1, 2]], variance: [[2], [4, 0]], count: [[], [9]]});
  expect([...(await predict(artifacts, Float32Array.of(5, 3)))]).toEqual([2, 1e7]);
});

test('a shape that only inputShapes knows', async () => {
  const artifacts = sequentialArtifacts([layer('ReLU', 'r', {})]);
  const engine = await compile(artifacts, {inputShapes: {r_input: [2, 3]}});
  expect(engine.inputs).toEqual([{name: 'r_input', shape: [2, 3]}]);
  expect(await engine.predict(new Float32Array(6))).toHaveLength(6);
});

test.each([
  ['2.12.0', 0.2 * 1.2 + 0.5, 0.3],
  ['3.3.3', 1.2 / 6 + 0.5, 0.3],
  ['tfjs-layers 4.22.0', 0.2 * 1.2 + 0.5, 0.3],
])('hard_sigmoid and the slopes of LeakyReLU as %s has them', async (version, hard, slope) => {
  const chain = (...layers: object[]): ModelArtifacts => {
    const {modelTopology, ...rest} = sequentialArtifacts(layers);
    return {...rest, modelTopology: {...modelTopology, keras_version: version}};
  };
  const shape = {batch_input_shape: [null, 1]};
  const run = async (...layers: object[]) => (await predict(chain(...layers), Float32Array.of(-1.2)))[0];
  const negate = layer('Rescaling', 'n', {scale: -1, ...shape});
  expect(await run(negate, layer('Activation', 'a', {activation: 'hard_sigmoid'}))).toBeCloseTo(hard, 6);
  expect(await run(layer('LeakyReLU', 'l', shape))).toBeCloseTo(-1.2 * slope, 6);
  expect(await run(layer('LeakyReLU', 'l', {alpha: 0.1, ...shape}))).toBeCloseTo(-0.12, 6);
  expect(await run(layer('LeakyReLU', 'l', {negative_slope: 0.1, ...shape}))).toBeCloseTo(-0.12, 6);
});

test.each([
  ['2.12.0', [1, 1.25, 1.75, 2]],
  ['3.3.3', [1, 1.25, 1.75, 2]],
  ['tfjs-layers 4.22.0', [1, 1.5, 2, 2]],
])('bilinear upsampling as %s has it', async (version, want) => {
  const config = {size: [1, 2], interpolation: 'bilinear', batch_input_shape: [null, 1, 2, 1]};
  const {modelTopology, ...rest} = sequentialArtifacts([layer('UpSampling2D', 'u', config)]);
  const artifacts = {...rest, modelTopology: {...modelTopology, keras_version: version}};
  expect([...(await predict(artifacts, Float32Array.of(1, 2)))]).toEqual(want);
});

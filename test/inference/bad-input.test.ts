import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeAll, expect, test, vi} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import type {Engine} from '../../src/inference/index.ts';
import {compile, isTfmotError} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {layer, sequentialArtifacts, weightData} from './_artifacts.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The code and message of the error that `work` ends in; no engine memory may have been made before it. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  const memory = vi.spyOn(WebAssembly, 'Memory');
  try {
    await work();
  } catch (error) {
    expect(memory).not.toHaveBeenCalled();
    if (isTfmotError(error)) return `${error.code}: ${error.message}`;
    throw error;
  } finally {
    memory.mockRestore();
  }
  throw new Error('nothing was refused');
}

const dense = layer('Dense', 'dense', {units: 2, batch_input_shape: [null, 3]});
const KERNEL = [
  [3, 2],
  [1, 2, 3, 4, 5, 6],
] as const;
const BIAS = [[2], [0, 1]] as const;
const good = sequentialArtifacts([dense], {'dense/kernel': KERNEL, 'dense/bias': BIAS});
const withSpecs = (weightSpecs: unknown): ModelArtifacts => ({...good, weightSpecs}) as ModelArtifacts;
const specs = good.weightSpecs;

test.each<readonly [string, ModelArtifacts, string]>([
  [
    'weight data cut off',
    {...good, weightData: (good.weightData as ArrayBuffer).slice(0, 30)},
    'invalid-weights: The weight specs need 32 bytes, but the weight data has 30',
  ],
  [
    'weight data too long',
    {...good, weightData: new ArrayBuffer(40)},
    'invalid-weights: The weight specs need 32 bytes',
  ],
  ['weight data of another kind', {...good, weightData: 'bytes' as never}, 'invalid-weights: weightData must be'],
  [
    'unknown dtype',
    withSpecs([{...specs[0], dtype: 'int64'}, specs[1]]),
    "invalid-weights: Weight 'dense/kernel' must have a dtype of TensorFlow.js",
  ],
  ['dtype named like a method', withSpecs([{...specs[0], dtype: 'toString'}, specs[1]]), 'invalid-weights'],
  ['unknown quantisation', withSpecs([{...specs[0], quantization: {dtype: 'int4'}}, specs[1]]), 'invalid-weights'],
  [
    'quantisation without scale',
    {
      ...good,
      weightSpecs: [{...specs[0]!, quantization: {dtype: 'uint8'}}, specs[1]!],
      weightData: new ArrayBuffer(14),
    },
    'invalid-weights: The quantisation of weight',
  ],
  [
    'duplicate names',
    withSpecs([specs[0], {...specs[1], name: 'dense/kernel'}]),
    "invalid-weights: Weight names must differ, but 'dense/kernel' appears twice",
  ],
  [
    'overflowing shape',
    withSpecs([{...specs[0], shape: [2 ** 40, 2 ** 40]}, specs[1]]),
    "invalid-weights: Weight 'dense/kernel' of shape",
  ],
  ['negative shape', withSpecs([{...specs[0], shape: [-3, -2]}, specs[1]]), 'invalid-weights: The shape of weight'],
  ['fractional shape', withSpecs([{...specs[0], shape: [1.5, 4]}, specs[1]]), 'invalid-weights: The shape of weight'],
  ['spec without a name', withSpecs([{shape: [1]}]), 'invalid-weights: Each weight spec must have a name'],
  ['specs that are no list', withSpecs({}), 'invalid-weights: weightSpecs must be a list'],
  [
    'missing weight',
    sequentialArtifacts([dense], {'dense/kernel': KERNEL}),
    "invalid-weights: Layer 'dense' (Dense) needs a weight 'dense/bias'",
  ],
  [
    'weight of another shape',
    sequentialArtifacts([dense], {'dense/kernel': [[2, 3], KERNEL[1]], 'dense/bias': BIAS}),
    "invalid-weights: Weight 'dense/kernel' must be [3,2]",
  ],
  [
    'NaN weight',
    sequentialArtifacts([dense], {
      'dense/kernel': [
        [3, 2],
        [1, 2, NaN, 4, 5, 6],
      ],
      'dense/bias': BIAS,
    }),
    "non-finite-weight: Weights must be finite, but element 2 of 'dense/kernel'",
  ],
  [
    'infinite weight',
    sequentialArtifacts([dense], {'dense/kernel': KERNEL, 'dense/bias': [[2], [0, -Infinity]]}),
    'non-finite-weight',
  ],
])('%s is refused', async (_, artifacts, message) => {
  expect(await refusal(() => compile(artifacts))).toContain(message);
});

const input = layer('InputLayer', 'in', {batch_input_shape: [null, 3], dtype: 'float32'}, []);
const relu = (name: string, ...from: string[]) => layer('ReLU', name, {}, [from.map(source => [source, 0, 0, {}])]);
const functional = (
  layers: readonly object[],
  outputs: unknown = [['out', 0, 0]],
  inputs: unknown = [['in', 0, 0]],
): ModelArtifacts => ({
  modelTopology: {
    model_config: {
      class_name: 'Functional',
      config: {name: 'model', layers, input_layers: inputs, output_layers: outputs},
    },
  },
  ...weightData({}),
});
/** A tensor as Keras 3 saves it. */
const kerasTensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: {shape: [null, 3], dtype: 'float32', keras_history: [name, 0, 0]},
});
const deep = (levels: number): object => (levels === 0 ? {} : {a: deep(levels - 1)});

test.each<readonly [string, unknown, string]>([
  [
    'cyclic topology',
    functional([input, relu('a', 'out'), relu('out', 'a')]),
    "invalid-topology: Model 'model' is cyclic",
  ],
  ['a layer that feeds itself', functional([input, relu('out', 'out')]), "invalid-topology: Model 'model' is cyclic"],
  [
    'reference to a missing layer',
    functional([input, relu('out', 'gone')]),
    "invalid-topology: Model 'model' refers to a layer 'gone'",
  ],
  [
    'reference to a missing call',
    functional([input, layer('ReLU', 'out', {}, [[['in', 3, 0, {}]]])]),
    "invalid-topology: Model 'model' refers to call 3",
  ],
  [
    'reference to a missing output',
    functional([input, relu('a', 'in'), layer('ReLU', 'out', {}, [[['a', 0, 2, {}]]])]),
    "invalid-topology: Output 2 of layer 'a'",
  ],
  [
    'reference that is none',
    functional([input, layer('ReLU', 'out', {}, [[['in', 'x', 0]]])]),
    'invalid-topology: A connection',
  ],
  [
    'two layers of one name',
    functional([input, relu('out', 'in'), relu('out', 'in')]),
    "invalid-topology: Model 'model' has two layers",
  ],
  [
    'a layer called on nothing',
    functional([input, layer('ReLU', 'out', {}, [[]])]),
    "invalid-topology: Layer 'out' is called on nothing",
  ],
  [
    'an input nobody gives',
    functional([
      input,
      layer('InputLayer', 'b', {batch_input_shape: [null, 3]}, []),
      layer('Add', 'out', {}, [
        [
          ['in', 0, 0],
          ['b', 0, 0],
        ],
      ]),
    ]),
    "invalid-topology: Layer 'b' is used",
  ],
  ['no outputs', functional([input], []), 'invalid-topology'],
  [
    'a call with tensors by name',
    functional([input, layer('ReLU', 'out', {}, [[['in', 0, 0, {mask: ['in', 0, 0]}]]])]),
    "unsupported-layer: Layer 'out' (ReLU) is called with 'mask'",
  ],
  [
    'unknown class',
    functional([input, layer('Mystery', 'out', {}, [[['in', 0, 0]]])]),
    "unsupported-layer: Layer 'out' is of class 'Mystery', which is not supported. Supported are Activation, ActivityRegularization, Add",
  ],
  [
    'unknown class inside a wrapper',
    functional([input, layer('TimeDistributed', 'out', {layer: layer('Mystery', 'inner', {})}, [[['in', 0, 0]]])]),
    "unsupported-layer: Layer 'inner' is of class 'Mystery'",
  ],
  [
    'class named like a method',
    functional([input, layer('constructor', 'out', {}, [[['in', 0, 0]]])]),
    'unsupported-layer',
  ],
  [
    'pruning wrapper',
    functional([input, layer('PruneLowMagnitude', 'out', {layer: dense}, [[['in', 0, 0]]])]),
    'unsupported-model: compile needs a finished model, but this one still holds the wrappers of its training. Strip it first: sparsity.stripPruning(model)',
  ],
  [
    'unknown activation',
    sequentialArtifacts([layer('Activation', 'a', {activation: 'wave', batch_input_shape: [null, 3]})]),
    "unsupported-layer: Layer 'a' (Activation) has the activation 'wave'",
  ],
  ...(['LSTM', 'GRU', 'SimpleRNN', 'GlobalAveragePooling1D', 'Softmax'] as const).map(
    (className): [string, ModelArtifacts, string] => [
      `a mask before ${className}`,
      sequentialArtifacts(
        [
          layer('Embedding', 'e', {input_dim: 3, output_dim: 2, mask_zero: true, batch_input_shape: [null, 3]}),
          layer('Dropout', 'd', {rate: 0.5}),
          layer(className, 'after', {units: 2}),
        ],
        {
          'e/embeddings': [
            [3, 2],
            [1, 2, 3, 4, 5, 6],
          ],
        },
      ),
      `unsupported-layer: Layer 'after' (${className}) would skip the time steps that an Embedding before it masks`,
    ],
  ),
  ...['CategoryEncoding', 'StringLookup', 'IntegerLookup', 'TextVectorization', 'Hashing', 'Discretization'].map(
    (className): [string, ModelArtifacts, string] => [
      className,
      sequentialArtifacts([layer(className, 'words', {batch_input_shape: [null, 3]})]),
      `unsupported-layer: Layer 'words' (${className}) turns words or categories into numbers. Do so before predict`,
    ],
  ),
  [
    'an operation of Keras 2',
    functional([input, layer('TFOpLambda', 'out', {function: 'math.bincount'}, [['in', 0, 0, {y: 3}]])]),
    "unsupported-layer: Layer 'out' (TFOpLambda) is the operation 'math.bincount' on tensors, which is not supported",
  ],
  [
    'an argument of an operation that says more than is understood',
    functional([input, layer('Add', 'out', {}, [{args: [kerasTensor('in'), 3], kwargs: {casting: 'safe'}}])]),
    "unsupported-layer: Layer 'out' (Add) is given 'casting', which is not supported.",
  ],
  [
    'an operation on tensors of other ranks',
    functional([
      input,
      layer('Flatten', 'flat', {}, [{args: [kerasTensor('in')], kwargs: {}}]),
      layer('ExpandDims', 'wide', {axis: 1}, [{args: [kerasTensor('flat')], kwargs: {}}]),
      layer('Add', 'out', {}, [{args: [kerasTensor('wide'), kerasTensor('flat')], kwargs: {}}]),
    ]),
    "unsupported-layer: Layer 'out' (Add) is an operation that mixes the examples of a batch",
  ],
  [
    'an operation over the batch',
    functional([input, layer('Mean', 'out', {axis: 0}, [{args: [kerasTensor('in')], kwargs: {}}])]),
    "unsupported-layer: Layer 'out' (Mean) works across the batch",
  ],
  [
    'an operation of Keras 3 that is no layer of its name',
    functional([input, layer('Average', 'out', {}, [{args: [kerasTensor('in'), kerasTensor('in')], kwargs: {}}])]),
    "unsupported-layer: Layer 'out' (Average) is the operation 'Average' on tensors",
  ],
  [
    'a layer quantised by Keras 3',
    sequentialArtifacts([
      layer('Dense', 'd', {units: 2, batch_shape: [null, 3], dtype: {class_name: 'QuantizedDTypePolicy', config: {}}}),
    ]),
    "unsupported-layer: Layer 'd' (Dense) is quantised or adapted (LoRA) by Keras",
  ],
  [
    'a crop of another size than at inference',
    sequentialArtifacts([layer('RandomCrop', 'crop', {height: 2, width: 2, batch_input_shape: [null, 3, 3, 1]})]),
    "unsupported-layer: Layer 'crop' (RandomCrop) makes [2,2] of [3,3]",
  ],
  [
    'a crop larger than its input',
    sequentialArtifacts([layer('CenterCrop', 'crop', {height: 4, width: 2, batch_input_shape: [null, 3, 3, 1]})]),
    "unsupported-layer: Layer 'crop' (CenterCrop) must not be larger than its input",
  ],
  [
    'a resize that keeps the aspect ratio',
    sequentialArtifacts([
      layer('Resizing', 'r', {height: 4, width: 2, crop_to_aspect_ratio: true, batch_input_shape: [null, 3, 3, 1]}),
    ]),
    "unsupported-layer: Layer 'r' (Resizing) keeps the aspect ratio",
  ],
  [
    'time before the batch',
    sequentialArtifacts([layer('LSTM', 'l', {units: 2, time_major: true, batch_input_shape: [null, 3, 2]})]),
    "unsupported-layer: Layer 'l' (LSTM) has the time before the batch",
  ],
  [
    'a ragged input',
    functional([
      layer('InputLayer', 'in', {batch_input_shape: [null, 3], ragged: true}, []),
      layer('ReLU', 'out', {}, [[['in', 0, 0]]]),
    ]),
    "unsupported-layer: Layer 'in' (InputLayer) is ragged",
  ],
  [
    'stateful layer',
    sequentialArtifacts([layer('LSTM', 'l', {units: 2, stateful: true, batch_input_shape: [1, 3, 2]})]),
    'unsupported-layer',
  ],
  [
    'unknown input size',
    sequentialArtifacts([layer('Dense', 'd', {units: 2, batch_input_shape: [null, null, 3]})]),
    'unsupported-model: Input',
  ],
  [
    'no input shape',
    sequentialArtifacts([layer('Dense', 'd', {units: 2})]),
    "invalid-topology: Model 'sequential' does not say the shape",
  ],
  ['no layers', sequentialArtifacts([]), "invalid-topology: Model 'sequential' has no layers"],
  [
    'units that are no number',
    sequentialArtifacts([layer('Dense', 'd', {units: 'two', batch_input_shape: [null, 3]})]),
    "invalid-topology: Layer 'd' (Dense): config entry 'units'",
  ],
  [
    'a kernel larger than its input',
    sequentialArtifacts([layer('MaxPooling2D', 'p', {pool_size: 5, batch_input_shape: [null, 3, 3, 1]})]),
    "invalid-topology: Layer 'p' does not fit its input",
  ],
  [
    'an impossible reshape',
    sequentialArtifacts([layer('Reshape', 'r', {target_shape: [2, 2], batch_input_shape: [null, 3]})]),
    "invalid-topology: Layer 'r' (Reshape)",
  ],
  [
    'a tensor too large for any memory',
    sequentialArtifacts([layer('RepeatVector', 'r', {n: 2 ** 30, batch_input_shape: [null, 3]})]),
    "invalid-topology: Layer 'r'",
  ],
  [
    'a graph model',
    {modelTopology: {node: [], library: {}}, ...weightData({})},
    'invalid-topology: A graph model must have outputs, but has none',
  ],
  [
    'topology of another class',
    {modelTopology: {class_name: 'Dense', config: {}}, ...weightData({})},
    'invalid-topology',
  ],
  ['topology that is null', {modelTopology: null, ...weightData({})}, 'invalid-topology'],
  [
    'topology that is no JSON',
    {modelTopology: '{"class_name":', ...weightData({})},
    'invalid-topology: The topology must be valid JSON',
  ],
  [
    'topology without an end',
    {modelTopology: deep(5000), ...weightData({})},
    'invalid-topology: A topology must not nest deeper',
  ],
  ['a number as the model', 7, 'unsupported-model'],
  ['nothing as the model', undefined, 'unsupported-model'],
])('%s is refused', async (_, artifacts, message) => {
  expect(await refusal(() => compile(artifacts as ModelArtifacts))).toContain(message);
});

/** A model that calls the model inside it twice, and so on. */
function nested(levels: number): Record<string, unknown> {
  const name = `model${levels}`;
  const start = layer('InputLayer', 'in', {batch_input_shape: [null, 1]}, []);
  const inner = levels === 0 ? layer('Dropout', 'inner', {rate: 0.5}) : {...nested(levels - 1), name: 'inner'};
  const offset = levels === 0 ? 0 : 1;
  const twice = {...inner, inbound_nodes: [[['in', 0, 0]], [['inner', offset, 0]]]};
  return {
    class_name: 'Functional',
    name,
    config: {name, layers: [start, twice], input_layers: [['in', 0, 0]], output_layers: [['inner', offset + 1, 0]]},
  };
}

test('a small file that asks for endless calls is refused', async () => {
  const few = await compile({modelTopology: {model_config: nested(3)}, ...weightData({})});
  expect([...(await few.predict(Float32Array.of(7)))]).toEqual([7]);
  expect(await refusal(() => compile({modelTopology: {model_config: nested(30)}, ...weightData({})}))).toContain(
    'unsupported-model: A model must not have more than 200000 calls of layers',
  );
});

test('input shapes must name inputs and agree with the model', async () => {
  const open = sequentialArtifacts([layer('ReLU', 'r', {batch_input_shape: [null, null, 3]})]);
  const shapes = (inputShapes: Record<string, number[]>) => refusal(() => compile(open, {inputShapes}));
  expect(await shapes({})).toContain("unsupported-model: Input 'r_input' is [null,null,3] and must have known sizes");
  expect(await shapes({r_input: [2, 4]})).toContain("Give them as inputShapes: {'r_input': [...]}, not [2,4]");
  expect(await shapes({r_input: [2]})).toContain('not [2]');
  expect(await shapes({r_input: [-2, 3]})).toContain('not [-2,3]');
  expect(await shapes({other: [2, 3]})).toContain(
    "invalid-argument: inputShapes names 'other', but the inputs are r_input",
  );
});

test('an unsupported layer is refused before a weight is read', async () => {
  const artifacts = sequentialArtifacts([dense, layer('Mystery', 'm', {})]);
  // It has no weights at all.
  expect(await refusal(() => compile(artifacts))).toContain('unsupported-layer');
});

test('a model that needs more than maxMemoryBytes is refused with what it needs', async () => {
  const message = await refusal(() => compile(good, {maxMemoryBytes: 65536}));
  expect(message).toMatch(/^memory-limit: The model must fit 65536 bytes \(maxMemoryBytes\), but needs \d+/);
  const big = sequentialArtifacts([
    layer('UpSampling2D', 'u', {size: [150, 150], batch_input_shape: [null, 100, 100, 1]}),
  ]);
  expect(await refusal(() => compile(big, {batchSize: 2}))).toContain(
    "memory-limit: The model must fit 1073741824 bytes (maxMemoryBytes), but the output [15000,15000,1] of layer 'u' alone takes 1800000000 at batch size 2",
  );
});

test('memory that the platform does not give is refused as such', async () => {
  const given = vi.spyOn(WebAssembly, 'Memory').mockImplementation((() => {
    throw new RangeError('could not allocate memory');
  }) as never);
  await expect(compile(good)).rejects.toMatchObject({code: 'memory-limit'});
  given.mockRestore();
});

test.each([
  [{batchSize: 0}, 'batchSize must be a whole number of at least 1, but is 0'],
  [{batchSize: 1.5}, 'batchSize'],
  [{variant: 'fast'}, `variant must be 'auto', 'simd' or 'relaxed', but is "fast"`],
  [{maxMemoryBytes: NaN}, 'maxMemoryBytes must be a number of bytes'],
  [{maxMemoryBytes: 2 ** 40}, 'maxMemoryBytes'],
  [{maxBytes: '1 GB'}, 'maxBytes must be a number of bytes'],
  [{tune: 1}, 'tune must be true or false'],
  [{inputShapes: [3]}, 'inputShapes must be shapes by the names of inputs, but is [3]'],
  [{inputShapes: {dense_input: 3}}, 'inputShapes.dense_input must be a list of sizes without the batch, but is 3'],
  [{signal: 'stop'}, 'signal must be an AbortSignal, but is "stop"'],
  [{batch_size: 2}, "compile has no option 'batch_size'. Did you mean batchSize?"],
  [{batchsize: 2}, 'Did you mean batchSize?'],
  [{maxMemory: 2}, "compile has no option 'maxMemory'"],
  [null, 'compile takes its options as one object'],
  ['relaxed', 'compile takes its options as one object'],
])('options %j are refused', async (options, message) => {
  expect(await refusal(() => compile(good, options as object))).toMatch(/^invalid-argument: /);
  expect(await refusal(() => compile(good, options as object))).toContain(message);
});

test('without WebAssembly, or without SIMD, the refusal says so', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  await expect(compile(good)).rejects.toMatchObject({code: 'missing-webassembly'});
  vi.unstubAllGlobals();
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  // A copy of the library that has compiled no kernels yet.
  vi.resetModules();
  const fresh = await import('../../src/inference/index.ts');
  expect(await refusal(() => fresh.compile(good, {variant: 'simd'}))).toContain('missing-webassembly');
  expect(await refusal(() => fresh.compile(good, {variant: 'relaxed'}))).toContain('missing-webassembly');
});

test.each([
  ['CompileError', () => new WebAssembly.CompileError('blocked by CSP')],
  ['EvalError', () => new EvalError('Refused to create a WebAssembly object')],
])('a page that forbids to compile (%s) is told which policy to set, and may try again', async (_, error) => {
  vi.resetModules();
  const fresh = await import('../../src/inference/index.ts');
  const refused = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(error());
  expect(await refusal(() => fresh.compile(good))).toMatch(
    /^missing-webassembly: .*'wasm-unsafe-eval' to script-src .*The platform says: (blocked|Refused)/,
  );
  refused.mockRestore();
  expect(await (await fresh.compile(good)).predict(new Float32Array(3))).toHaveLength(2);
});

async function twoInputs(): Promise<Engine> {
  const inputs = [tf.input({shape: [3], name: 'left'}), tf.input({shape: [2, 2], name: 'right'})];
  const flat = tf.layers.flatten().apply(inputs[1]!) as tf.SymbolicTensor;
  const outputs = tf.layers.concatenate({name: 'both'}).apply([inputs[0]!, flat]) as tf.SymbolicTensor;
  return compile(tf.model({inputs, outputs}));
}

test('wrong inputs are refused, and the engine goes on', async () => {
  const engine = await twoInputs();
  const predict = (value: unknown) => refusal(() => engine.predict(value as Float32Array));
  const left = new Float32Array(3);
  const right = new Float32Array(4);
  expect(await predict(left)).toContain(
    'invalid-input: A model of 2 inputs and 1 outputs takes a list of typed arrays or tensors, or an object of inputs by name (left, right)',
  );
  expect(await predict([left])).toContain('invalid-input: The model has 2 inputs (left, right), but the list has 1');
  expect(await predict([left, new Float32Array(5)])).toContain(
    "invalid-input: Input 'right' must hold 4 numbers an example ([2,2]), but has 5",
  );
  expect(await predict([left, new Float32Array(0)])).toContain("Input 'right' must hold 4 numbers");
  expect(await predict([left, new Float32Array(8)])).toContain(
    "must have the same batch, but 'left' has 1 examples and 'right' has 2",
  );
  expect(await predict({left})).toContain("The model's inputs are left, right, but 'right' is missing");
  expect(await predict({left, right, up: left})).toContain("'up' is none of them");
  expect(await predict({left, Right: right})).toContain("'Right' is none of them. Did you mean right?");
  expect(
    await predict([
      [1, 2, 3],
      [1, 2, 3, 4],
    ]),
  ).toContain('takes a list of typed arrays or tensors, or an object');
  expect(await predict(new ArrayBuffer(12))).toContain('takes a list of typed arrays or tensors, or an object');
  expect(await predict({left: new ArrayBuffer(13), right})).toContain('has 13 bytes, which is no multiple of 4');
  expect(await predict([left, [1, 2, 3, 4]])).toContain(
    "Input 'right' must be a typed array or a tensor, but is a plain array",
  );
  expect(await predict([left, null])).toContain("Input 'right' must be a typed array or a tensor, but is null");
  expect(await predict([left, new BigInt64Array(4)])).toContain("Input 'right' must be a typed array or a tensor");
  expect(await predict(null)).toContain('invalid-input: An input must be a typed array');
  expect(await predict('pixels')).toContain('invalid-input: An input must be a typed array');
  expect(await predict(new DataView(new ArrayBuffer(8)))).toContain('invalid-input: An input must be');
  const flat = tf.zeros([1, 4]);
  const words = tf.tensor(['a', 'b', 'c', 'd'], [1, 2, 2]);
  const yes = tf.zeros([1, 2, 2], 'bool');
  expect(await predict([left, flat])).toContain("Input 'right' must have the shape [batch, 2, 2], but has [1,4]");
  expect(await predict([left, words])).toContain("Input 'right' must be of dtype float32 or int32, but is string");
  expect(await predict([left, yes])).toContain('but is bool');
  tf.dispose([flat, words, yes]);
  const strange = {shape: [1, 3], dtype: 'float32', data: async () => left};
  expect(await predict([strange, right])).toContain('invalid-input: A tensor must be a tf.Tensor');
  const [both] = await engine.predict([Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6, 7)]);
  expect([...both!]).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test.each<[string, unknown, string]>([
  ['one example without its batch', [1, 2], 'has 1 instead of a list at [0]'],
  ['a batch that is too shallow', [1, 2, 3], 'has 1 instead of a list at [0]'],
  ['rows that are too short', [[[1, 2]], [[3, 4]]], 'has 1 entries instead of 2 at [0]'],
  ['ragged rows', [[[1, 2], [3]]], 'has 1 entries instead of 2 at [0][1]'],
  [
    'numbers that nest too deep',
    [
      [
        [1, 2],
        [3, [4]],
      ],
    ],
    'has [4] at [0][1][1]',
  ],
  [
    'text among the numbers',
    [
      [
        [1, 2],
        [3, '4'],
      ],
    ],
    'has "4" at [0][1][1]',
  ],
  [
    'nothing among the numbers',
    [
      [
        [1, 2],
        [3, null],
      ],
    ],
    'has null at [0][1][1]',
  ],
  [
    'truth among the numbers',
    [
      [
        [1, 2],
        [true, 3],
      ],
    ],
    'has true at [0][1][0]',
  ],
  ['a hole', [[[1, 2], Array(2)]], 'has undefined at [0][1][0]'],
  ['no rows', [[]], 'has 0 entries instead of 2 at [0]'],
  [
    'numbers of any size',
    [
      [
        [1, 2],
        [3, 4n],
      ],
    ],
    'has "4" at [0][1][1]',
  ],
])('nested lists are refused for %s', async (_, given, what) => {
  const square = sequentialArtifacts([layer('ReLU', 'r', {batch_input_shape: [null, 2, 2]})]);
  const engine = await compile(square);
  const message = await refusal(() => engine.predict(given as number[]));
  expect(message).toContain(
    `invalid-input: Input 'r_input' must be numbers nested as [batch, 2, 2], the batch first, but ${what}`,
  );
  expect([
    ...(await engine.predict([
      [
        [1, -2],
        [3, 4],
      ],
    ])),
  ]).toEqual([1, 0, 3, 4]);
});

test('indices outside of their table are refused', async () => {
  const model = tf.sequential({layers: [tf.layers.embedding({inputDim: 5, outputDim: 2, inputLength: 3})]});
  const engine = await compile(model);
  for (const wrong of [5, -1, NaN])
    expect(await refusal(() => engine.predict(Float32Array.of(0, wrong, 1)))).toContain(
      `must hold indices from 0 to 4, but number 1 is ${wrong}`,
    );
  expect(await engine.predict(Int32Array.of(0, 4, 1))).toHaveLength(6);
  tf.disposeVariables();
});

test('every call after dispose is refused, and disposing twice is not', async () => {
  const engine = await compile(good);
  engine.dispose();
  engine.dispose();
  await expect(engine.predict(new Float32Array(3))).rejects.toMatchObject({code: 'disposed'});
  await expect(engine.profile(new Float32Array(3))).rejects.toMatchObject({code: 'disposed'});
  expect(() => engine.describe()).toThrow('The engine is disposed');
});

test('artifacts of a live model that has its pruning wrapper still are refused', async () => {
  const artifacts = await artifactsOf(
    tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3], name: 'd'})]}) as never,
  );
  const topology = JSON.parse(JSON.stringify(artifacts.modelTopology).replace('"Dense"', '"PruneLowMagnitude"'));
  expect(await refusal(() => compile({...artifacts, modelTopology: topology}))).toContain('stripPruning');
  tf.disposeVariables();
});

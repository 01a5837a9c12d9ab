import * as tf from '@tensorflow/tfjs';

type Symbolic = tf.SymbolicTensor;

/** A layer of TensorFlow.js with one choice of options, to run in the middle of a small model. */
export interface LayerCase {
  readonly className: string;
  /** Class and options, unique. */
  readonly title: string;
  /** Shape of the input without the batch; `[]` for five row numbers of an embedding. */
  readonly shape: readonly number[];
  /** Inputs at once, default 3. */
  readonly batch?: number;
  readonly apply: (x: Symbolic) => Symbolic;
  /** What TensorFlow.js says on every backend when asked to predict. */
  readonly unsupported?: RegExp;
  /** What TensorFlow.js says on every backend when asked to train. */
  readonly untrainable?: RegExp;
}

type Options = Readonly<Record<string, unknown>>;
/** Every option with the values it takes; a list of cases has all combinations. */
type Axes = Readonly<Record<string, readonly unknown[]>>;

const {layers} = tf;
const PADDINGS = ['valid', 'same'];
const WINDOWS: Axes = {kernelSize: [1, 2, 3], padding: PADDINGS, strides: [1, 2, 4]};
const POOLS: Axes = {poolSize: [2, 3], padding: PADDINGS, strides: [1, 2, 3]};

/** Every layer class whose kernels the library may have replaced, over the options that reach different paths. */
export const LAYER_CASES: readonly LayerCase[] = [
  ...single('Activation', [5], {
    activation: ['elu', 'relu', 'relu6', 'selu', 'sigmoid', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu'],
  }),
  ...single('Activation', [3, 5], {activation: ['softmax']}),
  ...merged('Add', [3, 5]),
  ...merged('Average', [3, 5]),
  ...single('AveragePooling1D', [7, 3], POOLS),
  ...single('AveragePooling2D', [7, 5, 3], POOLS),
  ...single('AveragePooling3D', [5, 7, 3, 2], POOLS),
  ...single('BatchNormalization', [3, 5, 3]),
  ...single('BatchNormalization', [5]),
  ...wrapped('Bidirectional', [3, 3], {inner: ['simpleRNN', 'gru', 'lstm'], mergeMode: ['concat', 'sum']}),
  ...merged('Concatenate', [3, 5]),
  ...convolutions('Conv1D', [7, 3], {...WINDOWS, padding: [...PADDINGS, 'causal'], activation: ['relu']}),
  ...dilated('Conv1D', [7, 3]),
  ...convolutions('Conv2D', [7, 5, 3], WINDOWS),
  ...dilated('Conv2D', [7, 5, 3]),
  // With an activation that the backend fuses, with one that it does not, and with no bias to fuse.
  ...convolutions('Conv2D', [7, 5, 3], {
    kernelSize: [3],
    padding: ['same'],
    strides: [2],
    activation: ['relu6', 'tanh'],
  }),
  ...convolutions('Conv2D', [7, 5, 3], {kernelSize: [1, 3], padding: ['same'], strides: [2], useBias: [false]}),
  ...convolutions('Conv2D', [7, 5, 3], {
    kernelSize: [[3, 2]],
    padding: PADDINGS,
    strides: [
      [1, 2],
      [3, 1],
    ],
  }),
  ...convolutions('Conv2D', [3, 7, 5], {
    kernelSize: [3],
    dataFormat: ['channelsFirst'],
    padding: PADDINGS,
    strides: [1, 2],
  }),
  ...single('Conv2DTranspose', [5, 3, 2], {...WINDOWS, filters: [3]}),
  ...convolutions('Conv3D', [5, 3, 7, 2], {...WINDOWS, kernelSize: [1, 2]}),
  ...dilated('Conv3D', [5, 5, 7, 2]),
  ...single(
    'Conv3DTranspose',
    [3, 5, 3, 2],
    {...WINDOWS, kernelSize: [2], filters: [3]},
    {untrainable: /gradient|Cannot/},
  ),
  ...single('ConvLSTM2D', [2, 5, 7, 2], {filters: [2], kernelSize: [1, 3], padding: PADDINGS, strides: [1, 2]}),
  ...dilated('ConvLSTM2D', [2, 5, 7, 2], {kernelSize: [2]}),
  ...single('Cropping2D', [5, 7, 2], {
    cropping: [
      [
        [1, 1],
        [1, 2],
      ],
    ],
  }),
  ...single('Dense', [5], {units: [4], activation: ['linear', 'relu'], useBias: [true, false]}),
  ...single('Dense', [3, 5], {units: [4], activation: ['relu', 'softmax']}),
  ...single('DepthwiseConv2D', [7, 5, 3], {...WINDOWS, dilationRate: [undefined, 2], depthMultiplier: [1, 2]}),
  ...single('DepthwiseConv2D', [7, 5, 3], {
    kernelSize: [3],
    padding: ['same'],
    activation: ['relu6'],
    useBias: [false],
  }),
  ...single('DepthwiseConv2D', [3, 7, 5], {kernelSize: [3], padding: ['same'], dataFormat: ['channelsFirst']}),
  ...merged('Dot', [5], {axes: [-1], normalize: [false, true]}),
  ...merged('Dot', [3, 5], {axes: [-1, 1]}),
  ...single('Dropout', [5], {rate: [0.5], seed: [3]}),
  ...single('ELU', [5]),
  {
    className: 'Embedding',
    title: 'Embedding',
    shape: [],
    apply: x => layers.embedding({inputDim: 7, outputDim: 4}).apply(x) as Symbolic,
  },
  ...single('GRU', [3, 3], {units: [3], returnSequences: [false, true]}),
  ...single('GaussianNoise', [5], {stddev: [0]}),
  ...single('GlobalAveragePooling1D', [5, 3]),
  ...single('GlobalAveragePooling2D', [5, 7, 3]),
  ...single('GlobalMaxPooling1D', [5, 3]),
  ...single('GlobalMaxPooling2D', [5, 7, 3]),
  ...single('LSTM', [3, 3], {units: [3], returnSequences: [false, true], useBias: [true, false]}),
  ...single('LayerNormalization', [3, 5]),
  ...single('LeakyReLU', [5]),
  ...merged('Maximum', [3, 5]),
  ...single('MaxPooling1D', [7, 3], POOLS),
  ...single('MaxPooling2D', [7, 5, 3], POOLS),
  ...single('MaxPooling3D', [5, 7, 7, 2], POOLS),
  ...merged('Minimum', [3, 5]),
  ...merged('Multiply', [3, 5]),
  ...single('PReLU', [3, 5], {alphaInitializer: ['randomNormal'], sharedAxes: [undefined, [1]]}),
  ...single('Permute', [3, 5], {dims: [[2, 1]]}),
  ...recurrentCells(),
  ...single('ReLU', [5], {maxValue: [6]}),
  ...single('RepeatVector', [5], {n: [3]}),
  ...single('Rescaling', [5], {scale: [2], offset: [1]}),
  ...convolutions('SeparableConv2D', [7, 5, 3], {...WINDOWS, depthMultiplier: [2]}),
  ...dilated('SeparableConv2D', [7, 7, 3]),
  ...single('SimpleRNN', [3, 3], {units: [3], returnSequences: [false, true]}),
  ...single('Softmax', [3, 5], {axis: [-1]}),
  ...single('SpatialDropout1D', [5, 2], {rate: [0]}),
  ...wrapped('TimeDistributed', [3, 5, 7, 2], {inner: ['conv2d', 'depthwiseConv2d', 'maxPooling2d']}),
  // The gradient of the cpu backend is wrong for more than one image.
  ...single('UpSampling2D', [3, 5, 2], {size: [[2, 3]]}, {batch: 1}),
  ...single('ZeroPadding2D', [3, 5, 2]),
];

/** The layer classes of TensorFlow.js that are not in {@link LAYER_CASES}, and why. */
export const OTHER_LAYERS: Readonly<Record<string, string>> = {
  AlphaDropout: 'takes no seed',
  CategoryEncoding: 'has integers as input and no weights',
  CenterCrop: 'has no gradient',
  ConvLSTM2DCell: 'runs inside ConvLSTM2D',
  Flatten: 'is in the model around every case',
  Functional: 'is the model around every case',
  GRUCell: 'runs inside RNN',
  GaussianDropout: 'takes no seed',
  InputLayer: 'is in the model around every case',
  LSTMCell: 'runs inside RNN',
  Masking: 'computes with comparisons alone',
  Model: 'is the model around every case',
  RandomWidth: 'draws its width at random',
  Reshape: 'computes nothing',
  Resizing: 'has no gradient',
  Sequential: 'computes nothing of its own',
  SimpleRNNCell: 'runs inside RNN',
  StackedRNNCells: 'runs inside RNN',
  ThresholdedReLU: 'has no gradient on any backend',
};

/** One layer with every combination of options. */
function single(
  className: string,
  shape: readonly number[],
  axes: Axes = {},
  limits: Partial<LayerCase> = {},
): LayerCase[] {
  return combinations(axes).map(options => ({
    className,
    title: titleOf(className, shape, options),
    shape,
    apply: x => make(className, options).apply(x) as Symbolic,
    ...limits,
  }));
}

/** A convolution over its options; the rows of `causal` padding say that TensorFlow.js has none. */
function convolutions(className: string, shape: readonly number[], axes: Axes): LayerCase[] {
  return single(className, shape, {filters: [4], ...axes}).map(one =>
    one.title.includes('causal') ? {...one, unsupported: /CAUSAL padding mode .* not implemented/} : one,
  );
}

/** A convolution with dilation, which TensorFlow.js has without strides, and does not train. */
function dilated(className: string, shape: readonly number[], axes: Axes = {}): LayerCase[] {
  return convolutions(className, shape, {kernelSize: [2, 3], padding: PADDINGS, dilationRate: [2], ...axes}).map(
    one => ({
      ...one,
      untrainable: /dilation rates greater than 1 are not yet supported/,
    }),
  );
}

/** `RNN` over each kind of cell, and over a stack of them. */
function recurrentCells(): LayerCase[] {
  type Cell = Parameters<typeof layers.rnn>[0]['cell'];
  const cells: Readonly<Record<string, () => Cell>> = {
    gruCell: () => layers.gruCell({units: 3}),
    lstmCell: () => layers.lstmCell({units: 3}),
    simpleRNNCell: () => layers.simpleRNNCell({units: 3}),
    stackedRNNCells: () => [layers.simpleRNNCell({units: 3}), layers.lstmCell({units: 2})],
  };
  return Object.entries(cells).map(([name, cell]) => ({
    className: 'RNN',
    title: `RNN ${name}`,
    shape: [3, 3],
    apply: x => layers.rnn({cell: cell()}).apply(x) as Symbolic,
  }));
}

/** A layer around another. */
function wrapped(className: string, shape: readonly number[], axes: Axes): LayerCase[] {
  const inner: Readonly<Record<string, () => tf.layers.Layer>> = {
    conv2d: () => layers.conv2d({filters: 2, kernelSize: 3, padding: 'same', strides: 2}),
    depthwiseConv2d: () => layers.depthwiseConv2d({kernelSize: 3, padding: 'same', strides: 2}),
    gru: () => layers.gru({units: 3}),
    lstm: () => layers.lstm({units: 3}),
    maxPooling2d: () => layers.maxPooling2d({poolSize: 3, strides: 2}),
    simpleRNN: () => layers.simpleRNN({units: 3}),
  };
  return combinations(axes).map(({inner: name, ...options}) => ({
    className,
    title: titleOf(className, shape, {inner: name, ...options}),
    shape,
    apply: x => make(className, {...options, layer: inner[name as string]!()}).apply(x) as Symbolic,
  }));
}

/** A layer of two inputs: what comes in, and a dense layer of it. */
function merged(className: string, shape: readonly number[], axes: Axes = {}): LayerCase[] {
  return combinations(axes).map(options => ({
    className,
    title: titleOf(className, shape, options),
    shape,
    apply: x =>
      make(className, options).apply([x, layers.dense({units: shape.at(-1)!}).apply(x) as Symbolic]) as Symbolic,
  }));
}

/** A new layer of a registered class; undefined options are left out. */
function make(className: string, options: Options): tf.layers.Layer {
  const [layerClass] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
  return new (layerClass as unknown as new (options: Options) => tf.layers.Layer)(options);
}

function combinations(axes: Axes): Options[] {
  return Object.entries(axes).reduce<Options[]>(
    (done, [name, values]) =>
      done.flatMap(options => values.map(value => (value === undefined ? options : {...options, [name]: value}))),
    [{}],
  );
}

function titleOf(className: string, shape: readonly number[], options: Options): string {
  return [
    className,
    `[${shape}]`,
    ...Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ].join(' ');
}

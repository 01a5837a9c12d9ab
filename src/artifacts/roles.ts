/** What a weight is to its layer. */
export type Role =
  | 'kernel'
  | 'recurrent'
  | 'embedding'
  | 'pointwise'
  | 'depthwise'
  | 'bias'
  | 'normalisation'
  | 'statistic'
  | 'slope';

/** Which axes of a weight run over inputs and which over outputs. */
export interface Axes {
  /** Axes that are summed over; the last of them holds the input channels. Empty for biases and other vectors. */
  readonly inputAxes: readonly number[];
  /** Axes that run over outputs. */
  readonly outputAxes: readonly number[];
}

/**
 * How the axes of a weight are laid out: `matrix` has its outputs last, after all it sums over; `transposed` has its
 * input channels last and its outputs before them; `depthwise` has channels and multiplier last, and sums over the
 * window; `vector` has outputs alone; `heads-out` and `heads-in` split the outputs, or the inputs, over attention
 * heads.
 */
export type Arrangement = 'matrix' | 'transposed' | 'depthwise' | 'vector' | 'heads-out' | 'heads-in';

/** One weight of a layer class. */
export interface WeightOfClass {
  /** Its name in the layer, as TensorFlow.js and Keras 2 save it. */
  readonly name: string;
  /** Other names: those of Keras 3. */
  readonly aliases: readonly string[];
  readonly role: Role;
  readonly arrangement: Arrangement;
  /** The entry of the layer's config, in camelCase, that must not be false for the layer to have it. */
  readonly when?: string;
}

const kernel = weight('kernel', 'kernel', 'matrix');
const transposed = weight('kernel', 'kernel', 'transposed');
const recurrent = weight('recurrent_kernel', 'recurrent', 'matrix');
const bias = weight('bias', 'bias', 'vector', {when: 'useBias'});
const depthwise = weight('depthwise_kernel', 'depthwise', 'depthwise');
const pointwise = weight('pointwise_kernel', 'pointwise', 'matrix');
const gamma = weight('gamma', 'normalisation', 'vector', {when: 'scale'});
const beta = weight('beta', 'normalisation', 'vector', {when: 'center'});
const movingMean = weight('moving_mean', 'statistic', 'vector');
const movingVariance = weight('moving_variance', 'statistic', 'vector');

const DENSE: readonly WeightOfClass[] = [kernel, bias];
const TRANSPOSED: readonly WeightOfClass[] = [transposed, bias];
const SEPARABLE: readonly WeightOfClass[] = [depthwise, pointwise, bias];
const DEPTHWISE: readonly WeightOfClass[] = [{...depthwise, aliases: ['kernel']}, bias];
const RECURRENT: readonly WeightOfClass[] = [kernel, recurrent, bias];
const BATCH_NORMALIZATION: readonly WeightOfClass[] = [gamma, beta, movingMean, movingVariance];
const SCALE_AND_SHIFT: readonly WeightOfClass[] = [gamma, beta];
const ATTENTION: readonly WeightOfClass[] = [
  ...['query', 'key', 'value'].flatMap(name => [
    weight(`${name}/kernel`, 'kernel', 'heads-out'),
    weight(`${name}/bias`, 'bias', 'vector', {when: 'useBias'}),
  ]),
  weight('attention_output/kernel', 'kernel', 'heads-in'),
  weight('attention_output/bias', 'bias', 'vector', {when: 'useBias'}),
];

/**
 * The weights of every layer class that has any, in the order in which Keras creates them, by which files name some.
 * The one table of what a layer's weights are: pruning, rounding, inspection and import all read it. The classes are
 * those of Keras 2 and 3, of tfjs-layers, and this library's own. Recurrent layers and the cells inside them carry the
 * same names.
 */
export const WEIGHTS_OF_CLASS: Readonly<Record<string, readonly WeightOfClass[]>> = {
  BatchNormalization: BATCH_NORMALIZATION,
  BatchNormalizationV1: BATCH_NORMALIZATION,
  Conv1D: DENSE,
  Conv1DTranspose: TRANSPOSED,
  Conv2D: DENSE,
  Conv2DTranspose: TRANSPOSED,
  Conv3D: DENSE,
  Conv3DTranspose: TRANSPOSED,
  ConvLSTM2D: RECURRENT,
  ConvLSTM2DCell: RECURRENT,
  Dense: DENSE,
  DepthwiseConv1D: DEPTHWISE,
  DepthwiseConv2D: DEPTHWISE,
  EinsumDense: DENSE,
  Embedding: [weight('embeddings', 'embedding', 'matrix')],
  GRU: RECURRENT,
  GRUCell: RECURRENT,
  GroupNormalization: SCALE_AND_SHIFT,
  LSTM: RECURRENT,
  LSTMCell: RECURRENT,
  LayerNormalization: SCALE_AND_SHIFT,
  LocallyConnected1D: DENSE,
  LocallyConnected2D: DENSE,
  MultiHeadAttention: ATTENTION,
  Normalization: [
    weight('mean', 'statistic', 'vector'),
    weight('variance', 'statistic', 'vector'),
    weight('count', 'statistic', 'vector'),
  ],
  PReLU: [weight('alpha', 'slope', 'vector')],
  RMSNormalization: [weight('scale', 'normalisation', 'vector', {when: 'scale'})],
  SeparableConv1D: SEPARABLE,
  SeparableConv2D: SEPARABLE,
  SimpleRNN: RECURRENT,
  SimpleRNNCell: RECURRENT,
  TrainableBatchNormalization: BATCH_NORMALIZATION,
  TrainableLayerNormalization: SCALE_AND_SHIFT,
};

/** Roles whose weights may be rounded without being asked for. */
export const ROUNDED_ROLES: readonly Role[] = ['kernel', 'recurrent', 'embedding', 'pointwise', 'depthwise'];
/** Roles whose weights magnitude pruning may touch; depthwise kernels are few and matter much. */
export const PRUNED_ROLES: readonly Role[] = ['kernel', 'recurrent', 'embedding', 'pointwise'];

/** What a role is called where a weight is said to be left alone. */
export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  kernel: 'a kernel',
  recurrent: 'a recurrent kernel',
  embedding: 'an embedding',
  pointwise: 'a pointwise kernel',
  depthwise: 'a depthwise kernel',
  bias: 'a bias',
  normalisation: 'a scale or shift of a normalisation',
  statistic: 'a statistic',
  slope: 'slopes of an activation',
};

/** The weights of one class that magnitude pruning may touch; none for a class without any, or unknown. */
export function prunedWeightsOf(className: string): readonly WeightOfClass[] {
  return weightsOf(className).filter(({role}) => PRUNED_ROLES.includes(role));
}

/** The weights of one class; none for a class without any, or unknown. */
export function weightsOf(className: string): readonly WeightOfClass[] {
  return Object.hasOwn(WEIGHTS_OF_CLASS, className) ? WEIGHTS_OF_CLASS[className]! : [];
}

/** The axes of a weight of a rank. */
export function axesOf({arrangement}: Pick<WeightOfClass, 'arrangement'>, rank: number): Axes {
  const all = Array.from({length: rank}, (_, axis) => axis);
  switch (arrangement) {
    case 'matrix':
      return {inputAxes: all.slice(0, -1), outputAxes: all.slice(-1)};
    case 'transposed':
      return {inputAxes: all.filter(axis => axis !== rank - 2), outputAxes: all.slice(-2, -1)};
    case 'depthwise':
      return {inputAxes: all.slice(0, -2), outputAxes: all.slice(-2)};
    case 'vector':
      return {inputAxes: [], outputAxes: all};
    case 'heads-out':
      return {inputAxes: all.slice(0, 1), outputAxes: all.slice(1)};
    case 'heads-in':
      return {inputAxes: all.slice(0, -1), outputAxes: all.slice(-1)};
  }
}

/** The axis of a kernel that holds its input channels; the last but one of weights that no table knows. */
export function inputChannelAxis(className: string, name: string, rank: number): number {
  const known = weightsOf(className).find(weight => weight.name === name);
  return (known && axesOf(known, rank).inputAxes.at(-1)) ?? rank - 2;
}

function weight(
  name: string,
  role: Role,
  arrangement: Arrangement,
  extra: Partial<Pick<WeightOfClass, 'aliases' | 'when'>> = {},
): WeightOfClass {
  return {name, aliases: [], role, arrangement, ...extra};
}

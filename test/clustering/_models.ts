import * as tf from '@tensorflow/tfjs';

/** A model around a layer, with inputs of a shape and two outputs. */
interface Case {
  readonly make: () => tf.layers.Layer;
  readonly inputShape: readonly number[];
  /** The weights that are clustered, in order. */
  readonly weights: readonly string[];
  /** Where inputs are indices below this. */
  readonly indicesBelow?: number;
  /** Whether it keeps the axes of its input, so that a Flatten must follow. */
  readonly flatten?: boolean;
}

const {layers} = tf;
const glorot = {kernelInitializer: tf.initializers.glorotUniform({seed: 1})};
const recurrent = {...glorot, units: 3, recurrentInitializer: tf.initializers.glorotNormal({seed: 2})};

/** Every layer class with weights that are clustered and that TensorFlow.js has, and layers around them. */
export const LAYERS: Readonly<Record<string, Case>> = {
  dense: {make: () => layers.dense({...glorot, units: 5}), inputShape: [6], weights: ['kernel']},
  conv1d: {
    make: () => layers.conv1d({...glorot, filters: 3, kernelSize: 3}),
    inputShape: [6, 2],
    weights: ['kernel'],
    flatten: true,
  },
  conv2d: {
    make: () => layers.conv2d({...glorot, filters: 3, kernelSize: 3}),
    inputShape: [5, 5, 2],
    weights: ['kernel'],
    flatten: true,
  },
  'conv2d without bias': {
    make: () => layers.conv2d({...glorot, filters: 3, kernelSize: 3, useBias: false}),
    inputShape: [5, 5, 2],
    weights: ['kernel'],
    flatten: true,
  },
  conv2dTranspose: {
    make: () => layers.conv2dTranspose({...glorot, filters: 3, kernelSize: 3}),
    inputShape: [3, 3, 2],
    weights: ['kernel'],
    flatten: true,
  },
  conv3d: {
    make: () => layers.conv3d({...glorot, filters: 2, kernelSize: 2}) as tf.layers.Layer,
    inputShape: [3, 3, 3, 2],
    weights: ['kernel'],
    flatten: true,
  },
  separableConv2d: {
    make: () =>
      layers.separableConv2d({
        filters: 5,
        kernelSize: 2,
        depthwiseInitializer: tf.initializers.glorotUniform({seed: 3}),
        pointwiseInitializer: tf.initializers.glorotUniform({seed: 4}),
      }),
    inputShape: [4, 4, 3],
    weights: ['pointwise_kernel'],
    flatten: true,
  },
  embedding: {
    make: () =>
      layers.embedding({
        inputDim: 9,
        outputDim: 3,
        inputLength: 4,
        embeddingsInitializer: tf.initializers.randomUniform({minval: -1, maxval: 1, seed: 5}),
      }),
    inputShape: [4],
    weights: ['embeddings'],
    indicesBelow: 9,
    flatten: true,
  },
  simpleRNN: {
    make: () => layers.simpleRNN(recurrent) as tf.layers.Layer,
    inputShape: [3, 4],
    weights: ['kernel', 'recurrent_kernel'],
  },
  gru: {
    make: () => layers.gru(recurrent) as tf.layers.Layer,
    inputShape: [3, 4],
    weights: ['kernel', 'recurrent_kernel'],
  },
  lstm: {
    make: () => layers.lstm(recurrent) as tf.layers.Layer,
    inputShape: [3, 4],
    weights: ['kernel', 'recurrent_kernel'],
  },
  'rnn of stacked cells': {
    make: () => layers.rnn({cell: [layers.lstmCell(recurrent), layers.gruCell(recurrent)] as never}) as tf.layers.Layer,
    inputShape: [3, 4],
    weights: ['cell_0_kernel', 'cell_0_recurrent_kernel', 'cell_1_kernel', 'cell_1_recurrent_kernel'],
  },
  'bidirectional gru': {
    make: () => layers.bidirectional({layer: layers.gru(recurrent) as never, mergeMode: 'sum'}),
    inputShape: [3, 4],
    weights: ['forward_kernel', 'forward_recurrent_kernel', 'backward_kernel', 'backward_recurrent_kernel'],
  },
  convLstm2d: {
    make: () =>
      layers.convLstm2d({...recurrent, filters: 2, kernelSize: 2, padding: 'same'} as never) as tf.layers.Layer,
    inputShape: [2, 3, 3, 2],
    weights: ['kernel', 'recurrent_kernel'],
    flatten: true,
  },
  'timeDistributed dense': {
    make: () => layers.timeDistributed({layer: layers.dense({...glorot, units: 4})}),
    inputShape: [3, 4],
    weights: ['kernel'],
    flatten: true,
  },
  'timeDistributed conv2d': {
    make: () => layers.timeDistributed({layer: layers.conv2d({...glorot, filters: 3, kernelSize: 3})}),
    inputShape: [2, 4, 4, 2],
    weights: ['kernel'],
    flatten: true,
  },
};

/** A sequential model of the layer, a Flatten where it needs one, and a dense layer of two outputs. */
export function modelAround({make, inputShape, flatten = false}: Case): tf.Sequential {
  const layer = make();
  return tf.sequential({
    layers: [
      layers.inputLayer({inputShape: [...inputShape]}),
      layer,
      ...(flatten ? [layers.flatten()] : []),
      layers.dense({units: 2, kernelInitializer: tf.initializers.glorotUniform({seed: 6})}),
    ],
  });
}

/** Inputs for such a model, the same for the same seed. */
export function inputsFor({inputShape, indicesBelow}: Case, examples: number, seed: number): tf.Tensor {
  const shape = [examples, ...inputShape];
  if (indicesBelow === undefined) return tf.randomUniform(shape, -1, 1, 'float32', seed);
  return tf.tidy(() => tf.randomUniform(shape, 0, indicesBelow, 'float32', seed).floor());
}

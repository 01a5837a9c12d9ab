import * as tf from '@tensorflow/tfjs';

/** The models of `tools/parity/traces.py`, with every option spelled out on which Keras and TensorFlow.js differ. */
export const MODELS: Readonly<Record<string, () => tf.LayersModel>> = {
  dense: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({units: 8, activation: 'relu', inputShape: [8], name: 'hidden'}),
        tf.layers.dense({units: 3, activation: 'softmax', name: 'out'}),
      ],
    }),
  conv2d: () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 2], name: 'conv'}),
        tf.layers.maxPooling2d({poolSize: 2}),
        tf.layers.flatten(),
        tf.layers.dense({units: 2, name: 'out'}),
      ],
    }),
  embedding: () =>
    tf.sequential({
      layers: [
        tf.layers.embedding({inputDim: 12, outputDim: 5, inputLength: 4, name: 'embed'}),
        tf.layers.flatten(),
        tf.layers.dense({units: 2, name: 'out'}),
      ],
    }),
  lstm: () =>
    tf.sequential({
      layers: [
        // Keras: recurrentActivation 'sigmoid'; TensorFlow.js: 'hardSigmoid'.
        tf.layers.lstm({
          units: 4,
          activation: 'tanh',
          recurrentActivation: 'sigmoid',
          recurrentInitializer: 'glorotNormal',
          inputShape: [5, 3],
          name: 'lstm',
        }),
        tf.layers.dense({units: 2, name: 'out'}),
      ],
    }),
  shared: () => {
    const shared = tf.layers.dense({units: 6, activation: 'tanh', name: 'shared'});
    const left = tf.input({shape: [5]});
    const right = tf.input({shape: [5]});
    const both = [shared.apply(left), shared.apply(right)] as tf.SymbolicTensor[];
    const outputs = tf.layers.dense({units: 2, name: 'out'}).apply(tf.layers.concatenate().apply(both));
    return tf.model({inputs: [left, right], outputs: outputs as tf.SymbolicTensor});
  },
  'm-by-n': () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({filters: 3, kernelSize: 2, activation: 'tanh', inputShape: [4, 4, 5], name: 'conv'}),
        tf.layers.flatten(),
        tf.layers.dense({units: 1, name: 'out'}),
      ],
    }),
  'block-1x2': () => twoDense(6, 4),
  'block-4x4': () => twoDense(8, 8),
};

function twoDense(hidden: number, outputs: number): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({units: hidden, activation: 'tanh', inputShape: [8], name: 'hidden'}),
      tf.layers.dense({units: outputs, name: 'out'}),
    ],
  });
}

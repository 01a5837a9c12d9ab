import * as tf from '@tensorflow/tfjs';

/** A network of the bench: how to build it and the shape of its images. */
export interface Network {
  readonly title: string;
  readonly imageShape: readonly number[];
  build(): tf.Sequential;
}

const {batchNormalization, conv2d, dense, dropout, flatten, maxPooling2d} = tf.layers;

/** The network of TensorFlow's MNIST tutorials with 3,274,762 parameters, 12 MB of weights. */
export const CNN: Network = {
  title: 'CNN, 3.27 M parameters',
  imageShape: [28, 28, 1],
  build: () =>
    tf.sequential({
      layers: [
        conv2d({inputShape: [28, 28, 1], filters: 32, kernelSize: 5, padding: 'same', activation: 'relu'}),
        maxPooling2d({poolSize: 2}),
        batchNormalization(),
        conv2d({filters: 64, kernelSize: 5, padding: 'same', activation: 'relu'}),
        maxPooling2d({poolSize: 2}),
        flatten(),
        dense({units: 1024, activation: 'relu'}),
        dropout({rate: 0.4, seed: 1}),
        dense({units: 10, activation: 'softmax'}),
      ],
    }),
};

/** LeNet-300-100, 266,610 parameters. */
export const MLP: Network = {
  title: 'MLP 784-300-100-10',
  imageShape: [784],
  build: () =>
    tf.sequential({
      layers: [
        dense({inputShape: [784], units: 300, activation: 'relu'}),
        dense({units: 100, activation: 'relu'}),
        dense({units: 10, activation: 'softmax'}),
      ],
    }),
};

/** Makes a network ready to train with Adam. */
export function compile(model: tf.LayersModel): void {
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});
}

/** Images and their labels, one-hot. */
export interface Batch {
  readonly xs: tf.Tensor;
  readonly ys: tf.Tensor;
}

/** One batch of seeded noise with labels: how long a step takes does not depend on what is learnt. */
export function batchOf({imageShape}: Network, size: number): Batch {
  return tf.tidy(() => ({
    xs: tf.randomUniform([size, ...imageShape], 0, 1, 'float32', 7),
    ys: tf.cast(
      tf.oneHot(
        tf.tensor1d(
          Array.from({length: size}, (_, i) => i % 10),
          'int32',
        ),
        10,
      ),
      'float32',
    ),
  }));
}

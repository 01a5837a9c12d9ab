import * as tf from '@tensorflow/tfjs';

/** A classifier of 28 x 28 images into ten digits, and how to train it. */
export interface Architecture {
  readonly title: string;
  readonly parameters: number;
  /** Builds the network, its weights drawn from `seed`. */
  build(seed: number): tf.LayersModel;
  /** For one stage of training; the pruning stage starts from the trained dense network. */
  readonly recipe: {
    /** Training images of each epoch of a stage, unless `--full` asks for all 60,000. */
    readonly images: {readonly dense: number; readonly pruning: number};
    readonly epochs: number;
    readonly fullEpochs: number;
    readonly batchSize: number;
    /** Learning rates at the peak of the dense and of the pruning stage; momentum is 0.9. */
    readonly learningRate: {readonly dense: number; readonly pruning: number};
  };
}

const {conv2d, maxPooling2d, batchNormalization, flatten, dense, dropout} = tf.layers;

const convolutional: Architecture = {
  title: 'convolutional network',
  parameters: 3_274_762,
  build: seed => {
    const kernelInitializer = seededInitializers(seed);
    const padding = 'same';
    return tf.sequential({
      layers: [
        conv2d({
          filters: 32,
          kernelSize: 5,
          padding,
          activation: 'relu',
          inputShape: [28, 28, 1],
          kernelInitializer: kernelInitializer(),
        }),
        maxPooling2d({poolSize: 2, strides: 2, padding}),
        batchNormalization(),
        conv2d({filters: 64, kernelSize: 5, padding, activation: 'relu', kernelInitializer: kernelInitializer()}),
        maxPooling2d({poolSize: 2, strides: 2, padding}),
        flatten(),
        dense({units: 1024, activation: 'relu', kernelInitializer: kernelInitializer()}),
        dropout({rate: 0.4, seed}),
        dense({units: 10, activation: 'softmax', kernelInitializer: kernelInitializer()}),
      ],
    });
  },
  recipe: {
    images: {dense: 28_000, pruning: 22_000},
    epochs: 1,
    fullEpochs: 4,
    batchSize: 32,
    learningRate: {dense: 0.025, pruning: 0.025},
  },
};

const lenet300100: Architecture = {
  title: 'LeNet-300-100',
  parameters: 266_610,
  build: seed => {
    const kernelInitializer = seededInitializers(seed);
    return tf.sequential({
      layers: [
        flatten({inputShape: [28, 28, 1]}),
        dense({units: 300, activation: 'relu', kernelInitializer: kernelInitializer()}),
        dense({units: 100, activation: 'relu', kernelInitializer: kernelInitializer()}),
        dense({units: 10, activation: 'softmax', kernelInitializer: kernelInitializer()}),
      ],
    });
  },
  recipe: {
    images: {dense: 60_000, pruning: 60_000},
    epochs: 4,
    fullEpochs: 10,
    batchSize: 128,
    learningRate: {dense: 0.1, pruning: 0.1},
  },
};

/** What `--model` chooses from. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  'mnist-cnn': convolutional,
  'lenet-300-100': lenet300100,
};

/** Each call makes an initialiser with a seed of its own, so that no two layers start alike. */
function seededInitializers(seed: number): () => ReturnType<typeof tf.initializers.glorotUniform> {
  let made = 0;
  return () => tf.initializers.glorotUniform({seed: seed * 1000 + made++});
}

import {layers, type Sequential, sequential} from '@tensorflow/tfjs-layers';
import {seedWeights} from './weights.ts';
import type {Work} from './work.ts';

/** One dense layer, the widest of the MNIST network: 3136 inputs, 1024 outputs. */
export const denseBatch1: Work = dense(1);
export const denseBatch64: Work = dense(64);

/** The convolutions that mobile networks spend their time in. */
export const conv1x1Large: Work = convolution(1, 128, 56);
export const conv1x1Medium: Work = convolution(1, 256, 28);
export const conv1x1Small: Work = convolution(1, 512, 14);

/** The convolution of residual networks. */
export const conv3x3: Work = convolution(3, 128, 28);

/** One recurrent layer of 512 units over 20 steps of 512 features. */
export const lstm: Work = {
  name: 'LSTM 512, 20 steps',
  inputShape: [1, 20, 512],
  build: async () =>
    seeded(
      sequential({
        layers: [
          layers.lstm({
            units: 512,
            recurrentActivation: 'sigmoid',
            recurrentInitializer: 'zeros',
            batchInputShape: [1, 20, 512],
          }),
        ],
      }),
    ),
};

function dense(batch: number): Work {
  return {
    name: `dense 3136 -> 1024, batch ${batch}`,
    inputShape: [batch, 3136],
    build: async () => seeded(sequential({layers: [layers.dense({units: 1024, batchInputShape: [batch, 3136]})]})),
  };
}

function convolution(kernelSize: number, channels: number, size: number): Work {
  const inputShape = [1, size, size, channels];
  const layer = {filters: channels, kernelSize, padding: 'same', activation: 'relu'} as const;
  return {
    name: `conv ${kernelSize}x${kernelSize} ${channels} -> ${channels}, ${size}x${size}`,
    inputShape,
    build: async () => seeded(sequential({layers: [layers.conv2d({...layer, batchInputShape: inputShape})]})),
  };
}

function seeded(model: Sequential): Sequential {
  seedWeights(model, 1);
  return model;
}

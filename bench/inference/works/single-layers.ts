import {layers, type Sequential, sequential} from '@tensorflow/tfjs-layers';
import {seedWeights} from '../../../testing/weights.ts';
import type {Work} from './work.ts';

/** One dense layer, the widest of the MNIST network: 3136 inputs, 1024 outputs. */
export const denseBatch1: Work = dense(1);
export const denseBatch64: Work = dense(64);

/**
 * The convolutions that mobile networks (1x1) and residual networks (3x3) spend their time in: one alone, and eight in
 * a row. One alone is for the most part a measure of how an engine takes images in and gives them out.
 */
export const convolutions: readonly Work[] = [1, 8].flatMap(count => [
  convolution(count, 1, 128, 56),
  convolution(count, 1, 256, 28),
  convolution(count, 1, 512, 14),
  convolution(count, 3, 128, 28),
]);

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

function convolution(count: number, kernelSize: number, channels: number, size: number): Work {
  const inputShape = [1, size, size, channels];
  const layer = {filters: channels, kernelSize, padding: 'same', activation: 'relu'} as const;
  const name = `conv ${kernelSize}x${kernelSize} ${channels} -> ${channels}, ${size}x${size}`;
  return {
    name: count === 1 ? name : `${count} x ${name}`,
    inputShape,
    build: async () => {
      const model = sequential();
      model.add(layers.conv2d({...layer, batchInputShape: inputShape}));
      for (let i = 1; i < count; ++i) model.add(layers.conv2d(layer));
      return seeded(model);
    },
  };
}

function seeded(model: Sequential): Sequential {
  seedWeights(model, 1);
  return model;
}

import {layers, sequential} from '@tensorflow/tfjs-layers';
import {seedWeights} from '../../../testing/weights.ts';
import type {Work} from './work.ts';

/** The 12 MB digit classifier of the pruning tutorial: 3,274,762 parameters, most of them in one dense layer. */
export const mnistCnnBatch1: Work = mnistCnn(1);
export const mnistCnnBatch32: Work = mnistCnn(32);

function mnistCnn(batch: number): Work {
  const inputShape = [batch, 28, 28, 1];
  const conv = {kernelSize: 5, padding: 'same', activation: 'relu'} as const;
  return {
    name: `MNIST CNN 12 MB, batch ${batch}`,
    inputShape,
    build: async () => {
      const model = sequential({
        layers: [
          layers.conv2d({...conv, filters: 32, batchInputShape: inputShape}),
          layers.maxPooling2d({poolSize: 2}),
          layers.batchNormalization(),
          layers.conv2d({...conv, filters: 64}),
          layers.maxPooling2d({poolSize: 2}),
          layers.flatten(),
          layers.dense({units: 1024, activation: 'relu'}),
          layers.dropout({rate: 0.4}),
          layers.dense({units: 10, activation: 'softmax'}),
        ],
      });
      seedWeights(model, 2);
      return model;
    },
  };
}

import {layers, sequential} from '@tensorflow/tfjs-layers';
import {seedWeights} from '../../../testing/weights.ts';
import type {Work} from './work.ts';

// The activation is relu, not the usual relu6: TensorFlow.js runs that one as two slow operations, which would flatter
// others.
const INPUT_SHAPE = [1, 129, 129, 3];
/** Output channels and stride of the separable blocks. */
const BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [128, 1],
  [256, 2],
  [256, 1],
  [256, 1],
  [256, 1],
] as const;

/** A small image classifier: a padded 3x3 convolution of stride 2, eight depthwise-separable blocks, mean, dense. */
export const mobilenetLike: Work = {
  name: 'MobileNet-like 129x129',
  inputShape: INPUT_SHAPE,
  build: async () => {
    const model = sequential();
    model.add(layers.zeroPadding2d({padding: 1, batchInputShape: INPUT_SHAPE}));
    model.add(layers.conv2d({filters: 32, kernelSize: 3, strides: 2, activation: 'relu'}));
    for (const [filters, strides] of BLOCKS) {
      if (strides === 2) model.add(layers.zeroPadding2d({padding: 1}));
      const padding = strides === 2 ? 'valid' : 'same';
      model.add(layers.depthwiseConv2d({kernelSize: 3, strides, padding, activation: 'relu'}));
      model.add(layers.conv2d({filters, kernelSize: 1, activation: 'relu'}));
    }
    model.add(layers.globalAveragePooling2d({}));
    model.add(layers.dense({units: 10, activation: 'softmax'}));
    seedWeights(model, 3);
    return model;
  },
};

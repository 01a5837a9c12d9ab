import type {TensorId} from '../../../graph/tensor.ts';
import {counts, flag} from '../config.ts';
import {paddingOf, pairOf} from './convolution.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {asImage, channelsLast, isChannelsFirst, reshaped} from './layout.ts';

type Kind = 'max' | 'average';

const pool =
  (rank: 1 | 2, kind: Kind): LayerImporter =>
  call => {
    const body = (image: TensorId): TensorId => {
      const {layer, builder} = call;
      const size = pairOf(call, rank, 'poolSize', 2);
      const steps = layer.config['strides'] == null ? size.slice(2 - rank) : counts(layer, 'strides', rank);
      const strides = rank === 1 ? ([1, steps[0]!] as const) : ([steps[0]!, steps[1]!] as const);
      const padding = paddingOf(call, image, size, [1, 1], strides);
      return builder.emit(layer.name, {type: 'pool2d', kind, size, strides, padding}, [image])[0]!;
    };
    return [channelsLast(call, input => (rank === 1 ? asImage(call, input, body) : body(input)))];
  };

const globalPool =
  (rank: 1 | 2, kind: 'max' | 'mean'): LayerImporter =>
  call => {
    const reduce = {type: 'reduce', kind, axes: [0, 1], keepDims: false} as const;
    const body = (image: TensorId): TensorId => call.builder.emit(call.layer.name, reduce, [image])[0]!;
    const pooled = channelsLast(call, input => (rank === 1 ? asImage(call, input, body) : body(input)));
    return [flag(call.layer, 'keepdims', false) ? keptDimensions(call, rank, pooled) : pooled];
  };

function keptDimensions(call: LayerCall, rank: number, pooled: TensorId): TensorId {
  const channels = call.builder.tensor(pooled).shape[0]!;
  const ones = Array.from({length: rank}, () => 1);
  return reshaped(call, pooled, isChannelsFirst(call) ? [channels, ...ones] : [...ones, channels]);
}

/** Poolings, under Keras' long and short names. */
export const POOLING_LAYERS: Readonly<Record<string, LayerImporter>> = {
  AveragePooling1D: pool(1, 'average'),
  AveragePooling2D: pool(2, 'average'),
  GlobalAveragePooling1D: globalPool(1, 'mean'),
  GlobalAveragePooling2D: globalPool(2, 'mean'),
  GlobalMaxPooling1D: globalPool(1, 'max'),
  GlobalMaxPooling2D: globalPool(2, 'max'),
  MaxPooling1D: pool(1, 'max'),
  MaxPooling2D: pool(2, 'max'),
};

/**
 * The weights that magnitude pruning may touch, by layer class and saved weight name (the last part of `layer/kernel`).
 * Biases, normalisation parameters and depthwise kernels are left alone. Recurrent layers and the cells inside them
 * carry the same names. The classes are those of tfjs-layers, which are Keras' own.
 */
export const PRUNABLE_WEIGHTS: Readonly<Record<string, readonly string[]>> = {
  Conv1D: ['kernel'],
  Conv2D: ['kernel'],
  Conv2DTranspose: ['kernel'],
  Conv3D: ['kernel'],
  Conv3DTranspose: ['kernel'],
  ConvLSTM2D: ['kernel', 'recurrent_kernel'],
  ConvLSTM2DCell: ['kernel', 'recurrent_kernel'],
  Dense: ['kernel'],
  Embedding: ['embeddings'],
  GRU: ['kernel', 'recurrent_kernel'],
  GRUCell: ['kernel', 'recurrent_kernel'],
  LSTM: ['kernel', 'recurrent_kernel'],
  LSTMCell: ['kernel', 'recurrent_kernel'],
  SeparableConv2D: ['pointwise_kernel'],
  SimpleRNN: ['kernel', 'recurrent_kernel'],
  SimpleRNNCell: ['kernel', 'recurrent_kernel'],
};

/** Layer classes that are known to hold nothing to prune. They may be wrapped all the same, as in the Python toolkit. */
export const NOTHING_TO_PRUNE: ReadonlySet<string> = new Set([
  'Activation',
  'Add',
  'AlphaDropout',
  'Average',
  'AveragePooling1D',
  'AveragePooling2D',
  'AveragePooling3D',
  'BatchNormalization',
  'Concatenate',
  'Cropping2D',
  'DepthwiseConv2D',
  'Dot',
  'Dropout',
  'ELU',
  'Flatten',
  'GaussianDropout',
  'GaussianNoise',
  'GlobalAveragePooling1D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling1D',
  'GlobalMaxPooling2D',
  'LayerNormalization',
  'LeakyReLU',
  'Masking',
  'MaxPooling1D',
  'MaxPooling2D',
  'MaxPooling3D',
  'Maximum',
  'Minimum',
  'Multiply',
  'Permute',
  'ReLU',
  'RepeatVector',
  'Reshape',
  'Softmax',
  'SpatialDropout1D',
  'ThresholdedReLU',
  'UpSampling2D',
  'ZeroPadding2D',
]);

/** The axis of a kernel that holds its input channels: the last but one of Keras kernels, the last of a transposed convolution's. */
export function inputChannelAxis(className: string, rank: number): number {
  return className === 'Conv2DTranspose' || className === 'Conv3DTranspose' ? rank - 1 : rank - 2;
}

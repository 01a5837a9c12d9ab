import type {Config} from './config.ts';

/** What the config of every layer has, and that of an operation of Keras 3 has not. */
const OF_LAYERS: readonly string[] = [
  ...['trainable', 'dtype', 'layers', 'batchShape', 'batchInputShape', 'batch_shape', 'batch_input_shape'],
];

/**
 * Whether a layer's entry in a model of Keras 3 is an operation on tensors, such as `x + y`: it may have the name of a
 * layer's class, and `.h5` files do not say where its class is from.
 */
export function isOperation({config}: {readonly config: Config}): boolean {
  return !OF_LAYERS.some(key => key in config);
}

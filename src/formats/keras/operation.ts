import {RECORDED_OPERATIONS} from '../../artifacts/operations.ts';
import {type Config, isRecord} from './config.ts';

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

/** Whether a model, or one inside it, has operations on tensors. Walks with a stack of its own. */
export function holdsOperations({config}: {readonly config: Config}): boolean {
  const stack: unknown[] = [config['layers']];
  while (stack.length > 0) {
    const layers = stack.pop();
    for (const layer of Array.isArray(layers) ? layers : [layers]) {
      const inner = isRecord(layer) ? layer['config'] : undefined;
      if (!isRecord(layer) || !isRecord(inner)) continue;
      const {className, inboundNodes: nodes} = layer;
      if (RECORDED_OPERATIONS.includes(className as string)) return true;
      if (isOperation({config: inner}) && Array.isArray(nodes) && nodes.some(isRecord)) return true;
      stack.push(inner['layers'], inner['layer']);
    }
  }
  return false;
}

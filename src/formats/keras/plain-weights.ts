import type {LayerSpec} from './config.ts';
import {isRecord, unsupported} from './config.ts';

/**
 * Refuses a layer whose weights are not what its class says: those that Keras 3 has quantised or adapted.
 *
 * @throws TfmotError `unsupported-layer`.
 */
export function checkPlainWeights(layer: LayerSpec): void {
  const {config} = layer;
  const policy = isRecord(config['dtype']) ? config['dtype'] : {};
  const policyClass = policy['className'];
  const quantized =
    (typeof policyClass === 'string' && policyClass.startsWith('Quantized')) ||
    (config['quantizationConfig'] ?? null) !== null;
  if (quantized || (config['loraRank'] ?? null) !== null)
    throw unsupported(layer, 'is quantised or adapted (LoRA) by Keras. Save the model before that.');
}

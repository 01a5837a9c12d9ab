import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';

/** The last part of a weight's saved name: `kernel` of `dense_1/kernel`. */
export function weightName(variable: LayerVariable): string {
  return variable.originalName.slice(variable.originalName.lastIndexOf('/') + 1);
}

/**
 * Sets a weight to `value` without copying: both share the data until one of them is assigned anew.
 * Unlike `LayerVariable.write` it applies no constraint, so the value arrives exactly as it is.
 */
export function assign(variable: LayerVariable, value: Tensor): void {
  const target = variable.read() as Variable;
  if (target !== value) target.assign(value);
}

/**
 * Copies the weights of one layer to another of the same class and configuration, and whether each is trainable.
 * Weights are paired in the order of their making, because freezing some of them reorders `weights`.
 */
export function copyWeights(from: layers.Layer, to: layers.Layer): void {
  const sources = inOrderOfMaking(from);
  inOrderOfMaking(to).forEach((target, i) => {
    const source = sources[i]!;
    assign(target, source.read());
    target.trainable = source.trainable;
  });
}

function inOrderOfMaking(layer: layers.Layer): LayerVariable[] {
  return [...layer.weights].sort((a, b) => a.id - b.id);
}

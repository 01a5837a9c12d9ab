import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';

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
 *
 * @returns The weight of `to` that each of `from` was copied to.
 * @throws TfmotError `unsupported-layer` when the weights are not alike; then none is copied.
 */
export function copyWeights(from: layers.Layer, to: layers.Layer): ReadonlyMap<LayerVariable, LayerVariable> {
  const sources = inOrderOfMaking(from);
  const targets = inOrderOfMaking(to);
  if (shapesOf(sources) !== shapesOf(targets)) {
    throw new TfmotError(
      'unsupported-layer',
      `A layer rebuilt from its configuration must have weights as before, but those of layer '${from.name}' (${from.getClassName()}) ` +
        `have the shapes ${shapesOf(sources)} and those of its copy ${shapesOf(targets)}. Make its getConfig() return everything its constructor takes.`,
    );
  }
  const copies = new Map<LayerVariable, LayerVariable>();
  targets.forEach((target, i) => {
    const source = sources[i]!;
    assign(target, source.read());
    target.trainable = source.trainable;
    copies.set(source, target);
  });
  return copies;
}

function shapesOf(variables: readonly LayerVariable[]): string {
  return variables.length === 0 ? 'none' : variables.map(({shape}) => `[${shape.join(', ')}]`).join(', ');
}

function inOrderOfMaking(layer: layers.Layer): LayerVariable[] {
  return [...layer.weights].sort((a, b) => a.id - b.id);
}

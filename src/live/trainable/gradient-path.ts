import type {layers} from '@tensorflow/tfjs-layers';
import {connections, inputLayersOf, outputLayersOf} from '../connections.ts';
import {isContainer, type LayerContainer} from '../walk.ts';

/**
 * The layers that a gradient passes when a model is trained: those with weights that are trained, and all that their
 * outputs reach. Nested models are entered; a gradient into one is taken to reach all of its inputs.
 */
export function gradientPath(model: LayerContainer): ReadonlySet<layers.Layer> {
  const consumers = new Map<layers.Layer, layers.Layer[]>();
  const reached = new Set<layers.Layer>();
  const visit = (container: LayerContainer, trainable: boolean): void => {
    for (const [from, to] of connections(container)) {
      for (const last of leaves(from, outputLayersOf)) {
        if (!consumers.has(last)) consumers.set(last, []);
        consumers.get(last)!.push(...leaves(to, inputLayersOf));
      }
    }
    for (const layer of container.layers) {
      if (isContainer(layer)) visit(layer, trainable && layer.trainable);
      else if (trainable && layer.trainableWeights.length > 0) reached.add(layer);
    }
  };
  visit(model, model.trainable);
  for (const layer of reached) for (const next of consumers.get(layer) ?? []) reached.add(next);
  return reached;
}

/** The layers at one end of a layer, which may be a model: itself, or those where data enters or leaves. */
function leaves(layer: layers.Layer, end: (model: LayerContainer) => readonly layers.Layer[]): readonly layers.Layer[] {
  return isContainer(layer) ? end(layer).flatMap(each => leaves(each, end)) : [layer];
}

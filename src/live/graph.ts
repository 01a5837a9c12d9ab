import type {layers} from '@tensorflow/tfjs-layers';
import {connections, inputLayersOf, isSequential, outputLayersOf} from './connections.ts';
import type {LayerContainer} from './walk.ts';

/** Which layers of a model feed which. A layer used several times has the neighbours of all its uses. */
export interface LayerGraph {
  /** Where data enters. */
  readonly inputs: readonly layers.Layer[];
  /** Where data leaves. */
  readonly outputs: readonly layers.Layer[];
  producersOf(layer: layers.Layer): readonly layers.Layer[];
  consumersOf(layer: layers.Layer): readonly layers.Layer[];
}

/**
 * The connections of one model; uses of its layers in other models do not count. A nested model is one layer of it,
 * except that data going into a nested Sequential goes to its first layer, and from there on along its chain.
 */
export function layerGraph(model: LayerContainer): LayerGraph {
  const producers = new Map<layers.Layer, layers.Layer[]>();
  const consumers = new Map<layers.Layer, layers.Layer[]>();
  const connect = (from: layers.Layer, to: layers.Layer): void => {
    append(producers, to, from);
    append(consumers, from, entry(to));
  };
  const visit = (container: LayerContainer): void => {
    for (const [from, to] of connections(container)) connect(from, to);
    for (const layer of container.layers) if (isSequential(layer)) visit(layer as LayerContainer);
  };
  visit(model);
  return {
    inputs: inputLayersOf(model).map(entry),
    outputs: outputLayersOf(model),
    producersOf: layer => producers.get(layer) ?? [],
    consumersOf: layer => consumers.get(layer) ?? [],
  };
}

/** Where data going into a layer arrives. */
function entry(layer: layers.Layer): layers.Layer {
  return isSequential(layer) ? entry((layer as LayerContainer).layers[0]!) : layer;
}

function append(map: Map<layers.Layer, layers.Layer[]>, key: layers.Layer, value: layers.Layer): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (!list.includes(value)) list.push(value);
}

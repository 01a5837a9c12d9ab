import type {serialization} from '@tensorflow/tfjs-core';
import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {isContainer, type LayerContainer, leafLayers} from '../walk.ts';
import {copyWeights} from '../weights.ts';
import {rebuild} from './rebuild.ts';
import {checkRebuildable, makeOrNothing} from './rebuildable.ts';
import {type SavedLayer, savedLayer} from './saved-layer.ts';

/** What takes a layer's place in a clone. */
export interface Replacement extends SavedLayer {
  /** Sets the weights of the new layer from the old one. */
  readonly copy: (from: layers.Layer, to: layers.Layer) => unknown;
}

/** Says what takes the place of `layer` in a clone; `undefined` keeps a copy of the layer itself. */
export type Replace = (layer: layers.Layer) => Replacement | undefined;

interface Entry {
  name?: string;
  className: string;
  config: serialization.ConfigDict;
  inboundNodes?: Connection[][];
}
type Connection = [layer: string, ...rest: unknown[]];
interface ContainerConfig {
  layers: Entry[];
  inputLayers?: Connection[];
  outputLayers?: Connection[];
}

/** What a clone does otherwise than its model. */
export interface CloneOptions {
  readonly replace?: Replace;
  /**
   * Changes the saved form of the whole clone, layers put in place included; names, connections and weights must stay.
   */
  readonly change?: (saved: SavedLayer) => SavedLayer;
}

/**
 * A copy of `model` in which chosen layers are replaced: same name, connections (shared layers, several inputs and
 * outputs, nested models), weights and metadata. It is not compiled, and shares nothing that a change would carry
 * across.
 *
 * The copy is rebuilt from the model's configuration, so its weights are named as they will be when it is saved and
 * loaded.
 *
 * @throws TfmotError `unsupported-layer` naming a layer that cannot be rebuilt; then nothing is left of the copy.
 */
export function cloneModel<M extends LayersModel>(model: M, {replace = keep, change = same}: CloneOptions): M {
  const list = leafLayers(model);
  list.forEach(checkRebuildable);
  const saved = savedLayer(model);
  const copies = new Map<layers.Layer, Replacement['copy']>();
  rewrite(model, saved.config as unknown as ContainerConfig, replace, copies);
  return makeOrNothing(list, () => {
    const clone = rebuild(change(saved), true) as M;
    transfer(model, clone, copies);
    const metadata = model.getUserDefinedMetadata();
    if (metadata !== undefined && metadata !== null) clone.setUserDefinedMetadata(metadata);
    return clone;
  });
}

const keep: Replace = () => undefined;
const same = (saved: SavedLayer): SavedLayer => saved;

function rewrite(
  container: LayerContainer,
  config: ContainerConfig,
  replace: Replace,
  copies: Map<layers.Layer, Replacement['copy']>,
): void {
  const renamed = new Map<string, string>();
  container.layers.forEach((layer, i) => {
    const entry = config.layers[i]!;
    if (isContainer(layer)) {
      rewrite(layer, entry.config as unknown as ContainerConfig, replace, copies);
      return;
    }
    const replacement = replace(layer);
    if (replacement === undefined) return;
    copies.set(layer, replacement.copy);
    const name = replacement.config['name'] as string;
    renamed.set(layer.name, name);
    entry.className = replacement.className;
    entry.config = replacement.config;
    if (entry.name !== undefined) entry.name = name;
  });
  const rename = (connection: Connection): void => {
    connection[0] = renamed.get(connection[0]) ?? connection[0];
  };
  for (const entry of config.layers) for (const node of entry.inboundNodes ?? []) node.forEach(rename);
  config.inputLayers?.forEach(rename);
  config.outputLayers?.forEach(rename);
}

function transfer(from: LayerContainer, to: LayerContainer, copies: Map<layers.Layer, Replacement['copy']>): void {
  from.layers.forEach((layer, i) => {
    const counterpart = to.layers[i]!;
    if (isContainer(layer)) transfer(layer, counterpart as LayerContainer, copies);
    else (copies.get(layer) ?? copyWeights)(layer, counterpart);
  });
  // The flag of a model is no part of its configuration. Writing it writes the weights' flags too, so only where it
  // differs.
  if (to.trainable !== from.trainable) to.trainable = from.trainable;
}

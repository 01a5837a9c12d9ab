import type {serialization} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {insideLayer} from '../tfjs-private.ts';
import {isContainer} from '../walk.ts';
import {weightName} from '../weights.ts';

/** A layer or model as saved: its registered class and that class's own configuration. */
export interface SavedLayer {
  readonly className: string;
  readonly config: serialization.ConfigDict;
}

/** What `getConfig` of TensorFlow.js forgets or confuses, by class: the entries that must be added. */
const FORGOTTEN: Readonly<Record<string, (layer: layers.Layer) => Record<string, unknown>>> = {
  AlphaDropout: layer => unless(null, {noiseShape: insideLayer(layer).noiseShape ?? null}),
  // It saves the regularizer in the constraint's place.
  DepthwiseConv2D: layer => ({depthwiseConstraint: savedObject(insideLayer(layer).depthwiseConstraint)}),
  SeparableConv2D: layer => unless(1, {depthMultiplier: depthMultiplier(layer)}),
};

/** A copy of what `layer` saves of itself, with what TensorFlow.js forgets; nothing in it belongs to the layer. */
export function savedLayer(layer: layers.Layer): SavedLayer {
  const config = JSON.parse(JSON.stringify(layer.getConfig())) as serialization.ConfigDict;
  complete(layer, config);
  return {className: layer.getClassName(), config};
}

/** Makes the layers in `made` save all that they were made of, so that what is saved of them can be loaded. */
export function rememberConfig(made: layers.Layer): void {
  for (const [part] of parts(made, {})) rememberConfig(part);
  if (!Object.hasOwn(FORGOTTEN, made.getClassName())) return;
  const getConfig = made.getConfig.bind(made);
  made.getConfig = () => ({...getConfig(), ...(forgotten(made) as serialization.ConfigDict)});
}

/**
 * A saved layer or model with every layer in it, at any depth and its own last, replaced by what `change` makes of it.
 * Nothing of `saved` is changed.
 */
export function mapLayers(saved: SavedLayer, change: (layer: SavedLayer) => SavedLayer): SavedLayer {
  return mapValue(saved, change) as SavedLayer;
}

function mapValue(value: unknown, change: (layer: SavedLayer) => SavedLayer): unknown {
  if (Array.isArray(value)) return value.map(each => mapValue(each, change));
  if (typeof value !== 'object' || value === null) return value;
  const mapped = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapValue(each, change)]));
  const {className, config} = mapped;
  if (typeof className !== 'string' || typeof config !== 'object' || config === null) return mapped;
  return {...mapped, ...change({className, config: config as serialization.ConfigDict})};
}

function complete(layer: layers.Layer, config: serialization.ConfigDict): void {
  Object.assign(config, forgotten(layer));
  for (const [part, saved] of parts(layer, config)) if (saved !== undefined) complete(part, saved);
}

function forgotten(layer: layers.Layer): Record<string, unknown> {
  const className = layer.getClassName();
  return Object.hasOwn(FORGOTTEN, className) ? FORGOTTEN[className]!(layer) : {};
}

/** The layers that `layer` holds and saves inside its own configuration, each with its part of `config`. */
function parts(
  layer: layers.Layer,
  config: serialization.ConfigDict,
): (readonly [layers.Layer, serialization.ConfigDict | undefined])[] {
  const inside = (saved: unknown): serialization.ConfigDict | undefined => (saved as SavedLayer | undefined)?.config;
  if (isContainer(layer)) {
    const saved = config['layers'] as unknown as readonly SavedLayer[] | undefined;
    return layer.layers.map((part, i) => [part, inside(saved?.[i])] as const);
  }
  if (layer.getClassName() !== 'TimeDistributed') return [];
  return [[insideLayer(layer).layer!, inside(config['layer'])]];
}

/** An entry, where it is not what the layer has without one. */
function unless(usual: unknown, entry: Record<string, unknown>): Record<string, unknown> {
  return Object.values(entry)[0] === usual ? {} : entry;
}

function depthMultiplier(layer: layers.Layer): unknown {
  const kernel = layer.weights.find(weight => weightName(weight) === 'depthwise_kernel');
  return kernel?.shape.at(-1) ?? insideLayer(layer).depthMultiplier;
}

function savedObject(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const object = value as serialization.Serializable;
  return {className: object.getClassName(), config: object.getConfig()};
}

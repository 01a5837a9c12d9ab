import type {serialization} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {rebuild} from '../../live/rebuild/rebuild.ts';
import {type SavedLayer, savedLayer} from '../../live/rebuild/saved-layer.ts';
import {trainableNormalization} from '../../live/trainable/normalization.ts';
import {centroidInitialization} from '../centroid-initialization.ts';
import type {ClusteringParams, ClusteringSettings} from './settings.ts';

/** The class name under which wrappers are registered, as in the Python toolkit. */
export const WRAPPER_CLASS = 'ClusterWeights';

/** Constructor arguments of a wrapper. */
export interface ClusterWeightsArgs extends ClusteringParams {
  readonly layer: layers.Layer;
}

/** What a saved wrapper says of itself, besides what every layer does. Python's files lack the last two. */
interface WrapperConfig extends Omit<ClusteringParams, 'clusterCentroidsInit' | 'clusterGradientAggregation'> {
  readonly layer: SavedLayer;
  readonly clusterCentroidsInit: string;
  readonly clusterGradientAggregation?: string;
}

/** The configuration that a wrapper saves. */
export function wrapperConfig(layer: layers.Layer, settings: ClusteringSettings): serialization.ConfigDict {
  const {init: _, ...params} = settings;
  const config: WrapperConfig = {layer: {...savedLayer(layer)}, ...params};
  return config as unknown as serialization.ConfigDict;
}

/** What stands in a model's configuration in place of `layer` while the model is rebuilt with it wrapped. */
export function wrapped(layer: layers.Layer, settings: ClusteringSettings): SavedLayer {
  return {className: WRAPPER_CLASS, config: {...wrapperConfig(layer, settings), name: wrapperName(layer)}};
}

/** The name of the wrapper around `layer`. */
export function wrapperName(layer: layers.Layer): string {
  return `cluster_${layer.name}`;
}

/** The constructor arguments of a saved wrapper, with the inner layer made anew. */
export function argsFromConfig(config: serialization.ConfigDict): ClusterWeightsArgs {
  const saved = config as unknown as WrapperConfig;
  const {numberOfClusters, preserveSparsity, clusterPerChannel, iterations, seed} = saved;
  return {
    // Files of the Python toolkit hold the plain class.
    layer: rebuild(trainableNormalization(saved.layer)),
    numberOfClusters,
    clusterCentroidsInit: initFromConfig(saved.clusterCentroidsInit) as NonNullable<
      ClusteringParams['clusterCentroidsInit']
    >,
    preserveSparsity: preserveSparsity ?? false,
    clusterPerChannel: clusterPerChannel ?? false,
    // TensorFlow.js saves string values in lower case; Python saves the name of its enumeration too.
    clusterGradientAggregation: lastWord(saved.clusterGradientAggregation ?? 'SUM').toUpperCase() as 'SUM' | 'AVG',
    iterations: iterations ?? 0,
    seed: seed ?? 9,
  };
}

/** A saved initialisation by its own name: TensorFlow.js changes case and underscores of string values. */
function initFromConfig(saved: string): string {
  const letters = (name: string): string => lastWord(name).replaceAll('_', '').toUpperCase();
  return Object.keys(centroidInitialization).find(name => letters(name) === letters(saved)) ?? saved;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

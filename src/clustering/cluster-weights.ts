import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {settingsForOne} from '../live/call.ts';
import {checkLayers, hint, showGiven} from '../live/given.ts';
import {isContainer, isLayer, type LayerContainer, leafLayers} from '../live/walk.ts';
import {layerRefused, refuseOtherWrappers, wrapLayer, wrapList, wrapModel} from '../live/wrap.ts';
import {type ClusterWeights, isWrapper} from './wrapper/cluster-weights-layer.ts';
import {decide} from './wrapper/decide.ts';
import {
  CLUSTERING_PARAMS,
  type ClusteringParams,
  type ClusteringSettings,
  clusteringSettings,
} from './wrapper/settings.ts';
import {WRAPPER_CLASS} from './wrapper/wrapper-config.ts';

/** Settings layer by layer: those of `layer`, or `null` to leave it as it is. */
export type ClusterEach = (layer: layers.Layer) => ClusteringParams | null;

/**
 * Makes a model, a layer or a list of layers train with few different values in each weight: a copy in which every
 * layer that may be clustered is wrapped in a {@link ClusterWeights}. What was given is not changed. Compile the result
 * and train it; no callback is needed. Start from a trained model, with a small learning rate: the gradient of a
 * centroid is the sum over all its weights unless `clusterGradientAggregation` is `'AVG'`.
 *
 * Layers that are wrapped already stay so, and layers in which nothing is known to cluster, or too few values, stay as
 * they are: `summarize` says why. Reads the weights back, to choose centroids from them.
 *
 * @param toCluster Sequential or functional model (nested models are entered), a layer, or a list of layers.
 * @param options Settings for all layers, or for a model a function that gives each layer its own.
 * @throws TfmotError `nothing-to-cluster`, `unsupported-layer`, `unsupported-model`, `model-not-built`,
 * `non-finite-weight`, `duplicate-tfjs`, `invalid-argument`.
 *
 * @example
 * const clustered = clusterWeights(model, {numberOfClusters: 16});
 * clustered.compile({optimizer: tf.train.adam(1e-4), loss: 'categoricalCrossentropy'});
 * await clustered.fit(xs, ys, {epochs: 2});
 * const finished = stripClustering(clustered);
 */
export function clusterWeights<M extends LayersModel>(toCluster: M, options: ClusteringParams | ClusterEach): M;
export function clusterWeights(toCluster: layers.Layer, options: ClusteringParams): ClusterWeights;
export function clusterWeights(toCluster: layers.Layer[], options: ClusteringParams): layers.Layer[];
export function clusterWeights(
  toCluster: LayersModel | layers.Layer | layers.Layer[],
  options: ClusteringParams | ClusterEach,
  ...more: unknown[]
): LayersModel | layers.Layer | layers.Layer[] {
  if (typeof options === 'number' || more.some(each => each !== undefined)) {
    throw new TfmotError(
      'invalid-argument',
      `clusterWeights takes its settings by name, in one object, but got ${[options, ...more].map(showGiven).join(', ')}. ` +
        `Call clusterWeights(model, {${CLUSTERING_PARAMS.join(', ')}}).`,
    );
  }
  if (Array.isArray(toCluster)) return clusterList(toCluster, layerSettings(options));
  if (!isLayer(toCluster)) {
    throw new TfmotError(
      'invalid-argument',
      `clusterWeights takes a tf.LayersModel, a layer or a list of layers, but got ${showGiven(toCluster)}.${hint(toCluster)}`,
    );
  }
  if (isContainer(toCluster)) return clusterModel(toCluster as LayerContainer & LayersModel, options);
  return clusterLayer(toCluster, layerSettings(options));
}

function layerSettings(options: ClusteringParams | ClusterEach): ClusteringSettings {
  return clusteringSettings(settingsForOne<ClusteringParams>(options), 'clusterWeights');
}

function clusterModel(model: LayerContainer & LayersModel, options: ClusteringParams | ClusterEach): LayersModel {
  if (model.layers.length === 0 || !leafLayers(model).every(({built}) => built)) {
    throw new TfmotError(
      'model-not-built',
      `Model '${model.name}' must be built before it is clustered, because centroids are chosen from its weights. Give its first layer an inputShape.`,
    );
  }
  const settingsOf = typeof options === 'function' ? oneByOne(options) : always(layerSettings(options));
  const list = leafLayers(model);
  refuseOtherWrappers(list, WRAPPER_CLASS, `clusterWeights needs '${model.name}'`);
  const decisions = new Map(list.map(layer => [layer, decide(layer, settingsOf)]));
  if (![...decisions.values()].some(({weights}) => weights > 0)) {
    throw nothingToCluster(`Model '${model.name}'`, list, settingsOf);
  }
  return wrapModel(model, layer => decisions.get(layer)!.wrapper);
}

type SettingsOf = (layer: layers.Layer) => ClusteringSettings | null;

function always(settings: ClusteringSettings): SettingsOf {
  return () => settings;
}

function oneByOne(each: ClusterEach): SettingsOf {
  return layer => {
    const params = each(layer);
    return params === null ? null : clusteringSettings(params, `clusterWeights for layer '${layer.name}'`);
  };
}

function clusterList(list: layers.Layer[], settings: ClusteringSettings): layers.Layer[] {
  checkLayers(list, 'cluster');
  refuseOtherWrappers(list, WRAPPER_CLASS, 'clusterWeights needs the list');
  const decisions = list.map(layer => decide(layer, always(settings)));
  const hopeless = decisions.every(({wrapper, weights, left}) => wrapper === undefined || (weights === 0 && left));
  if (hopeless) throw nothingToCluster('The list', list, always(settings));
  return wrapList(list, i => decisions[i]!.wrapper, isWrapper);
}

function clusterLayer(layer: layers.Layer, settings: ClusteringSettings): ClusterWeights {
  refuseOtherWrappers([layer], WRAPPER_CLASS, `clusterWeights needs '${layer.name}'`);
  if (isWrapper(layer)) return layer;
  const {wrapper, weights, left} = decide(layer, always(settings));
  if (wrapper === undefined || (weights === 0 && left !== undefined)) throw layerRefused(layer, 'clustered', left!);
  return wrapLayer(layer, wrapper) as ClusterWeights;
}

function nothingToCluster(what: string, list: readonly layers.Layer[], settingsOf: SettingsOf): TfmotError {
  const reasons = list
    .map(layer => ({layer, left: decide(layer, settingsOf).left}))
    .map(({layer, left}) => `'${layer.name}' (${layer.getClassName()}): ${left ?? 'it has no weights to cluster'}`);
  return new TfmotError(
    'nothing-to-cluster',
    `${what} must have a layer with weights to cluster, but has none that is chosen. ${reasons.join('; ')}. ` +
      'Ask for fewer clusters, or give custom layers a method getClusterableWeights().',
  );
}

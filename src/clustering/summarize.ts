import {tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {checkNoOptions} from '../live/call.ts';
import {checkModel} from '../live/given.ts';
import type {SkippedLayer} from '../live/skipped-layer.ts';
import {originalClass} from '../live/trainable/normalization.ts';
import {leafLayers} from '../live/walk.ts';
import {areInTraining} from '../live/wrap.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {isWrapper} from './wrapper/cluster-weights-layer.ts';
import {clusterableWeights, unsupportedReason} from './wrapper/clusterable-layer.ts';
import type {ClusteredWeight} from './wrapper/clustered-weight.ts';
import {byChannel, type ClusterLayout, clusterLayout} from './wrapper/layout.ts';

/** The state of one weight that is, or could be, clustered. */
export interface ClusteredWeightSummary {
  /** The name of the layer, without its wrapper's prefix. */
  readonly layer: string;
  /** The name of the weight within the layer. */
  readonly weight: string;
  readonly shape: readonly number[];
  readonly size: number;
  /**
   * How many different values it has as passes see it; where channels have centroids of their own, the channel with the
   * most.
   */
  readonly distinct: number;
  /** The fraction of elements that are zero. */
  readonly sparsity: number;
  /** How many clusters were asked for; `null` where its layer is not wrapped. */
  readonly clusters: number | null;
  /** How many centroids stand for no value, in all channels; `null` where the layer is not wrapped. */
  readonly empty: number | null;
  /** Whether every output channel has centroids of its own; `null` where the layer is not wrapped. */
  readonly perChannel: boolean | null;
}

/** What {@link summarize} found. */
export interface ClusteringSummary {
  /** Whether the model still has layers that only training needs: `stripClustering` makes a finished model of it. */
  readonly inTraining: boolean;
  readonly weights: readonly ClusteredWeightSummary[];
  /** Layers without clustered weights, and weights left as they are beside clustered ones, with the reason. */
  readonly skipped: readonly SkippedLayer[];
}

/**
 * How many different values the weights of a model have, and why the rest of its layers are not clustered. Takes
 * wrapped models and plain ones, such as those that `stripClustering` returns. Changes nothing.
 *
 * @throws TfmotError `unsupported-model`, `invalid-argument`, `duplicate-tfjs`.
 *
 * @example
 * const {weights, skipped} = await summarize(clustered);
 * for (const {layer, weight, distinct} of weights) console.log(`${layer}/${weight}: ${distinct} values`);
 */
export async function summarize(model: LayersModel): Promise<ClusteringSummary>;
export async function summarize(model: LayersModel, ...options: unknown[]): Promise<ClusteringSummary> {
  checkModel(model, 'summarize', 'unsupported-model');
  checkNoOptions('summarize', options, 'Give it the model alone.');
  const weights: ClusteredWeightSummary[] = [];
  const skipped: SkippedLayer[] = [];
  const list = leafLayers(model);
  for (const layer of list) {
    const inner = isWrapper(layer) ? layer.layer : layer;
    const className = originalClass(inner.getClassName());
    for (const reason of skipReasons(layer)) skipped.push({layer: inner.name, className, reason});
    if (isWrapper(layer)) {
      for (const weight of layer.clusteredWeights) weights.push(await wrappedSummary(inner, weight));
      continue;
    }
    if (unsupportedReason(layer) !== undefined || !layer.built) continue;
    for (const {name, variable} of clusterableWeights(layer, {numberOfClusters: 1, clusterPerChannel: false})) {
      const values = (await variable.read().data()) as Float32Array;
      const layout = clusterLayout(variable.shape as number[], 1);
      weights.push({...facts(inner, name, variable, values, layout), clusters: null, empty: null, perChannel: null});
    }
  }
  return {inTraining: areInTraining(list), weights, skipped};
}

async function wrappedSummary(layer: layers.Layer, weight: ClusteredWeight): Promise<ClusteredWeightSummary> {
  const {name, layout, centroids} = weight;
  const seen = tidy(() => weight.stripped(weight.weight.read()));
  const values = (await seen.data()) as Float32Array;
  seen.dispose();
  const used = byChannel(values, layout).reduce((sum, channel) => sum + new Set(channel).size, 0);
  return {
    ...facts(layer, name, weight.weight, values, layout),
    clusters: layout.clusters,
    empty: layout.channels * layout.clusters - used,
    perChannel: centroids.shape.length > 1,
  };
}

function facts(
  {name: layer}: layers.Layer,
  weight: string,
  {shape}: LayerVariable,
  values: Float32Array,
  layout: ClusterLayout,
): Pick<ClusteredWeightSummary, 'layer' | 'weight' | 'shape' | 'size' | 'distinct' | 'sparsity'> {
  const distinct = byChannel(values, layout).reduce((most, channel) => Math.max(most, new Set(channel).size), 0);
  const size = values.length;
  return {layer, weight, shape: shape as number[], size, distinct, sparsity: 1 - countNonZeros(values) / size};
}

function skipReasons(layer: layers.Layer): readonly string[] {
  const inner = isWrapper(layer) ? layer.layer : layer;
  const className = originalClass(inner.getClassName());
  if (className === 'DepthwiseConv2D') return ['depthwise kernels are not clustered'];
  const none = `a ${className} has no weights to cluster`;
  if (isWrapper(layer)) {
    const found = clusterableWeights(inner, layer.settings);
    return found.length === 0 ? [none] : found.flatMap(({left}) => left ?? []);
  }
  const reason = unsupportedReason(layer);
  if (reason !== undefined) return [reason];
  if (!layer.built) return ['it is not built'];
  const known = clusterableWeights(layer, {numberOfClusters: 1, clusterPerChannel: false});
  return [known.length === 0 ? none : 'it is not wrapped: the settings left it out, or clustering has been stripped'];
}

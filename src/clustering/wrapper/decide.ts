import type {layers} from '@tensorflow/tfjs-layers';
import type {SavedLayer} from '../../live/rebuild/saved-layer.ts';
import {isWrapper} from './cluster-weights-layer.ts';
import {clusterableWeights, unsupportedReason} from './clusterable-layer.ts';
import type {ClusteringSettings} from './settings.ts';
import {wrapped} from './wrapper-config.ts';

/** What becomes of one layer where clustering starts. */
export interface Decision {
  /** What its wrapper is made of; none for a layer that stays without. */
  readonly wrapper?: SavedLayer;
  /** How many weights are clustered in it, as far as that is known: a layer that is not built has none yet. */
  readonly weights: number;
  /** Why it stays without, or why a weight of it is left as it is, as a clause. */
  readonly left?: string;
}

/**
 * Decides about a layer. One that is wrapped already stays so, with its own settings.
 *
 * @param settingsOf The settings of a layer that can be clustered; `null` to leave it as it is.
 */
export function decide(layer: layers.Layer, settingsOf: (layer: layers.Layer) => ClusteringSettings | null): Decision {
  if (isWrapper(layer)) {
    return {wrapper: wrapped(layer.layer, layer.settings), weights: layer.clusteredWeights.length};
  }
  const reason = unsupportedReason(layer);
  if (reason !== undefined) return {weights: 0, left: reason};
  const settings = settingsOf(layer);
  if (settings === null) return {weights: 0, left: 'the settings left it out'};
  const found = layer.built ? clusterableWeights(layer, settings) : [];
  const left = found.flatMap(weight => weight.left ?? []);
  const wrapper = wrapped(layer, settings);
  // Wrapped even so: the wrapper knows for how many clusters there were too few values.
  return {wrapper, weights: found.length - left.length, ...(left.length > 0 ? {left: left.join('; ')} : {})};
}

import type {layers} from '@tensorflow/tfjs-layers';
import type {SavedLayer} from '../../live/rebuild/saved-layer.ts';
import {checkPatternFits} from '../../masks/pattern-options.ts';
import {prunableWeights, unsupportedReason} from './prunable-layer.ts';
import {isWrapper} from './prune-low-magnitude.ts';
import type {PruningSettings} from './settings.ts';
import {wrapped} from './wrapper-config.ts';

/** What becomes of one layer where pruning starts. */
export interface Decision {
  /** What its wrapper is made of; none for a layer that stays without. */
  readonly wrapper?: SavedLayer;
  /** How many weights are pruned in it, as far as that is known: a layer that is not built has none yet. */
  readonly weights: number;
}

const LEFT: Decision = Object.freeze({weights: 0});

/**
 * Decides about a layer. One that is wrapped already stays so, with its own schedule object, which need not be
 * registered.
 *
 * @param settingsOf The settings of a layer that can be pruned; `null` to leave it as it is.
 * @throws TfmotError `invalid-block-size`, `invalid-m-by-n` when the pattern does not fit a weight, and what
 *     `settingsOf` throws.
 */
export function decide(layer: layers.Layer, settingsOf: (layer: layers.Layer) => PruningSettings | null): Decision {
  if (isWrapper(layer)) {
    const {pruningSchedule: schedule, pattern} = layer;
    return {wrapper: wrapped(layer.layer, {schedule, pattern}), weights: layer.prunedWeights.length};
  }
  const settings = unsupportedReason(layer) === undefined ? settingsOf(layer) : null;
  if (settings === null) return LEFT;
  const weights = layer.built ? prunableWeights(layer) : [];
  for (const {name, variable} of weights) checkPatternFits(settings.pattern, `${layer.name}/${name}`, variable.shape);
  return {wrapper: wrapped(layer, settings), weights: weights.length};
}

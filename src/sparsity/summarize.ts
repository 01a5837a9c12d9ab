import {mul, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {checkNoOptions} from '../live/call.ts';
import {checkModel} from '../live/given.ts';
import type {SkippedLayer} from '../live/skipped-layer.ts';
import {originalClass} from '../live/trainable/normalization.ts';
import {leafLayers} from '../live/walk.ts';
import {areInTraining} from '../live/wrap.ts';
import type {Pattern} from '../masks/pattern.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {patternAt, scheduledSparsity} from './callbacks/mask-update.ts';
import type {PruningSchedule} from './schedules/schedule.ts';
import {prunableWeights, unsupportedReason} from './wrapper/prunable-layer.ts';
import {isWrapper} from './wrapper/prune-low-magnitude.ts';

/** The state of one weight that is, or could be, pruned. */
export interface WeightSummary {
  /** The name of the layer, without its wrapper's prefix. */
  readonly layer: string;
  /** The name of the weight within the layer. */
  readonly weight: string;
  readonly shape: readonly number[];
  /** How many elements the weight has, and how many of them are not zero. */
  readonly size: number;
  readonly nonZeros: number;
  /** The fraction of elements that are zero, after masking. */
  readonly sparsity: number;
  /** How it is pruned; `null` where its layer is not wrapped. */
  readonly pattern: Pattern | null;
  /** What the schedule asked for at the last update, 0 before the first; `null` where the layer is not wrapped. */
  readonly targetSparsity: number | null;
  /** The smallest magnitude kept at the last update; `null` where the layer is not wrapped. */
  readonly threshold: number | null;
}

/** What {@link summarize} found. */
export interface PruningSummary {
  /** Whether the model still has layers that only training needs: `stripPruning` makes a finished model of it. */
  readonly inTraining: boolean;
  readonly weights: readonly WeightSummary[];
  readonly skipped: readonly SkippedLayer[];
}

/**
 * How sparse a model is, weight by weight, and why the rest of its layers are not pruned. Takes wrapped models and
 * plain ones, such as those that `stripPruning` returns. Changes nothing.
 *
 * @throws TfmotError `unsupported-model`, `invalid-argument`, `duplicate-tfjs`.
 *
 * @example
 * const {weights, skipped} = await summarize(modelForPruning);
 * for (const {layer, weight, sparsity} of weights) console.log(`${layer}/${weight}: ${(100 * sparsity).toFixed(1)} %`);
 */
export async function summarize(model: LayersModel): Promise<PruningSummary>;
export async function summarize(model: LayersModel, ...options: unknown[]): Promise<PruningSummary> {
  checkModel(model, 'summarize', 'unsupported-model');
  checkNoOptions('summarize', options, 'Give it the model alone.');
  const weights: WeightSummary[] = [];
  const skipped: SkippedLayer[] = [];
  const list = leafLayers(model);
  for (const layer of list) {
    const inner = isWrapper(layer) ? layer.layer : layer;
    const reason = skipReason(layer);
    if (reason !== undefined) skipped.push({layer: inner.name, className: originalClass(inner.getClassName()), reason});
    if (isWrapper(layer)) {
      const step = (await layer.pruningStep.read().data())[0]!;
      for (const pruned of layer.prunedWeights) {
        const {pattern, targetSparsity} = lastTarget(pruned.pattern, layer.pruningSchedule, step);
        weights.push({
          ...(await measure(inner, pruned.name, pruned.weight, pruned.mask)),
          pattern,
          targetSparsity,
          threshold: (await pruned.threshold.read().data())[0]!,
        });
      }
    } else if (unsupportedReason(layer) === undefined) {
      for (const {name, variable} of prunableWeights(layer)) {
        weights.push({
          ...(await measure(layer, name, variable)),
          pattern: null,
          targetSparsity: null,
          threshold: null,
        });
      }
    }
  }
  return {inTraining: areInTraining(list), weights, skipped};
}

function skipReason(layer: layers.Layer): string | undefined {
  const inner = isWrapper(layer) ? layer.layer : layer;
  const className = originalClass(inner.getClassName());
  if (className === 'DepthwiseConv2D') return 'depthwise kernels are not pruned';
  if (isWrapper(layer)) return layer.prunedWeights.length > 0 ? undefined : `a ${className} has no weights to prune`;
  return (
    unsupportedReason(layer) ??
    (prunableWeights(layer).length > 0
      ? 'it is not wrapped: the policy or the settings left it out, or pruning has been stripped'
      : `a ${className} has no weights to prune`)
  );
}

async function measure(
  layer: layers.Layer,
  weight: string,
  variable: LayerVariable,
  mask?: LayerVariable,
): Promise<Pick<WeightSummary, 'layer' | 'weight' | 'shape' | 'size' | 'nonZeros' | 'sparsity'>> {
  const masked = mask === undefined ? undefined : tidy(() => mul(variable.read(), mask.read()));
  const values = await (masked ?? variable.read()).data();
  const nonZeros = countNonZeros(values);
  masked?.dispose();
  const size = values.length;
  return {layer: layer.name, weight, shape: variable.shape as number[], size, nonZeros, sparsity: 1 - nonZeros / size};
}

function lastTarget(
  pattern: Pattern,
  schedule: PruningSchedule,
  step: number,
): {readonly pattern: Pattern; readonly targetSparsity: number} {
  for (let update = step; update > 0; update--) {
    if (!schedule.shouldPruneAt(update)) continue;
    const sparsity = scheduledSparsity(schedule, update);
    const now = patternAt(pattern, schedule, sparsity);
    return {pattern, targetSparsity: now.type === 'm-by-n' ? now.m / now.n : sparsity};
  }
  return {pattern, targetSparsity: 0};
}

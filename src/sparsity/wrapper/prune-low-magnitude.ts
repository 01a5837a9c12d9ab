import {type serialization as Serialization, serialization} from '@tensorflow/tfjs-core';
import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {CountedWrapper} from '../../live/counted-wrapper.ts';
import {checkLayer} from '../../live/given.ts';
import type {Binding} from '../../live/weight-wrapper.ts';
import {layerRefused} from '../../live/wrap.ts';
import type {Pattern} from '../../masks/pattern.ts';
import {checkPatternFits} from '../../masks/pattern-options.ts';
import type {PruningSchedule} from '../schedules/schedule.ts';
import {prunableWeights, unsupportedReason} from './prunable-layer.ts';
import {type PrunedWeight, prunedWeight} from './pruned-weight.ts';
import {PRUNING_PARAMS, pruningSettings} from './settings.ts';
import {
  argsFromConfig,
  type PruneLowMagnitudeArgs,
  WRAPPER_CLASS,
  wrapperConfig,
  wrapperName,
} from './wrapper-config.ts';

/**
 * A layer that runs another with part of its weights at zero: before every pass it sets `weight := weight * mask`.
 * Gradients pass to all weights. Masks change in {@link UpdatePruningStep} alone.
 *
 * Made by `pruneLowMagnitude`; registered, so that TensorFlow.js finds it when it loads a model.
 */
export class PruneLowMagnitude extends CountedWrapper {
  static readonly className: string = WRAPPER_CLASS;

  readonly pruningSchedule: PruningSchedule;
  readonly pattern: Pattern;
  private pruned: readonly PrunedWeight[];

  /** @throws TfmotError `unsupported-layer`, `invalid-argument`, and what `pruneLowMagnitude` throws for settings. */
  constructor(args: PruneLowMagnitudeArgs) {
    const {schedule, pattern} = pruningSettings(args, WRAPPER_CLASS, ['layer', ...PRUNING_PARAMS]);
    const {layer} = args;
    checkLayer(layer, WRAPPER_CLASS);
    const reason = unsupportedReason(layer);
    if (reason !== undefined) throw layerRefused(layer, 'pruned', reason);
    super({layer, name: wrapperName(layer)});
    this.pruningSchedule = schedule;
    this.pattern = pattern;
    this.pruned = [];
  }

  /** The pruned weights with their masks and thresholds; empty before the layer is built. */
  get prunedWeights(): readonly PrunedWeight[] {
    return this.pruned;
  }

  /** Int32 scalar: training steps done, -1 before the first callback. Exists once the layer is built. */
  get pruningStep(): LayerVariable {
    return this.stepVariable;
  }

  protected override bind(): Binding {
    const weights = prunableWeights(this.layer);
    for (const {name, variable} of weights)
      checkPatternFits(this.pattern, `${this.layer.name}/${name}`, variable.shape);
    this.pruned = weights.map(weight => {
      const prefix = weights.length === 1 ? '' : `${weight.name}_`;
      const mask = this.addState(`${prefix}mask`, weight.variable.shape, 1);
      const threshold = this.addState(`${prefix}threshold`, [], 0);
      return prunedWeight(weight, mask, threshold, this.pattern);
    });
    return {weights: this.pruned, step: this.addState('pruning_step', [], -1, {dtype: 'int32'})};
  }

  protected override uncounted(): TfmotError {
    return new TfmotError(
      'missing-callback',
      `Training a pruned model needs the callback updatePruningStep(), but layer '${this.name}' ran a training pass without it. ` +
        'Pass callbacks: [updatePruningStep()] to fit or fitDataset; in a loop of your own call its setModel, onTrainBegin, onBatchBegin and onEpochEnd.',
    );
  }

  override getConfig(): Serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...wrapperConfig(this.layer, {schedule: this.pruningSchedule, pattern: this.pattern}),
    };
  }

  static override fromConfig<T extends Serialization.Serializable>(
    cls: Serialization.SerializableConstructor<T>,
    config: Serialization.ConfigDict,
  ): T {
    return new cls(argsFromConfig(config) as unknown as Serialization.ConfigDict);
  }
}

/** Whether `layer` is a {@link PruneLowMagnitude}. */
export function isWrapper(layer: layers.Layer): layer is PruneLowMagnitude {
  return layer.getClassName() === WRAPPER_CLASS;
}

serialization.registerClass(PruneLowMagnitude);

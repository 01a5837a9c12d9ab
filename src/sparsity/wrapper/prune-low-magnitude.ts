import {type serialization as Serialization, serialization, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {hint, showGiven} from '../../live/given.ts';
import {isRecurrent} from '../../live/parts.ts';
import {isLayer} from '../../live/walk.ts';
import {copyWeights} from '../../live/weights.ts';
import type {Pattern} from '../../masks/pattern.ts';
import {checkPatternFits} from '../../masks/pattern-options.ts';
import type {PruningSchedule} from '../schedules/schedule.ts';
import {prunableWeights, unsupportedReason} from './prunable-layer.ts';
import {guardShape, maskApplier, type PrunedWeight} from './pruned-weight.ts';
import {PRUNING_PARAMS, pruningSettings} from './settings.ts';
import {
  argsFromConfig,
  type PruneLowMagnitudeArgs,
  WRAPPER_CLASS,
  wrapperConfig,
  wrapperName,
} from './wrapper-config.ts';

type Kwargs = Record<string, unknown>;
type Shapes = Shape | Shape[];

/**
 * A layer that runs another with part of its weights at zero: before every pass it sets `weight := weight * mask`.
 * Gradients pass to all weights. Masks change in {@link updatePruningStep} alone.
 *
 * Made by `pruneLowMagnitude`; registered, so that TensorFlow.js finds it when it loads a model.
 */
export class PruneLowMagnitude extends layers.Layer {
  static readonly className: string = WRAPPER_CLASS;

  /** The layer that is pruned. */
  readonly layer: layers.Layer;
  readonly pruningSchedule: PruningSchedule;
  readonly pattern: Pattern;
  /** Whether a callback counts this layer's steps now; a training pass without one throws. */
  isCounted: () => boolean;
  private pruned: readonly PrunedWeight[];
  private step: LayerVariable | undefined;
  private maskAppliers: readonly (() => void)[];
  private source: layers.Layer | undefined;

  constructor(args: PruneLowMagnitudeArgs) {
    const {layer} = args;
    const {schedule, pattern} = pruningSettings(args, 'PruneLowMagnitude', ['layer', ...PRUNING_PARAMS]);
    if (!isLayer(layer)) {
      throw new TfmotError(
        'invalid-argument',
        `PruneLowMagnitude takes a layer, but got ${showGiven(layer)}.${hint(layer)}`,
      );
    }
    const reason = unsupportedReason(layer);
    if (reason !== undefined) {
      throw new TfmotError(
        'unsupported-layer',
        `Layer '${layer.name}' (${layer.getClassName()}) cannot be pruned: ${reason}.`,
      );
    }
    super({
      name: wrapperName(layer),
      trainable: layer.trainable,
      ...(layer.batchInputShape ? {batchInputShape: layer.batchInputShape} : {}),
      ...(layer.dtype ? {dtype: layer.dtype} : {}),
    });
    this.layer = layer;
    this.pruningSchedule = schedule;
    this.pattern = pattern;
    this.isCounted = () => false;
    this.pruned = [];
    this.step = undefined;
    this.maskAppliers = [];
    this.source = undefined;
    this.supportsMasking = layer.supportsMasking;
    this.activityRegularizer = layer.activityRegularizer;
  }

  /** The pruned weights with their masks and thresholds; empty before the layer is built. */
  get prunedWeights(): readonly PrunedWeight[] {
    return this.pruned;
  }

  /** Int32 scalar: training steps done, -1 before the first callback. Exists once the layer is built. */
  get pruningStep(): LayerVariable {
    if (this.step === undefined) {
      throw new TfmotError(
        'model-not-built',
        `Layer '${this.name}' must be built before its pruning step is asked for.`,
      );
    }
    return this.step;
  }

  /** Lets the inner layer start with the weights of `source`, once it is built. */
  takeWeightsFrom(source: layers.Layer): void {
    this.source = source;
  }

  override build(inputShape: Shapes): void {
    const inner = this.layer;
    if (!inner.built) {
      inner.build(inputShape);
      inner.built = true;
    }
    if (this.source?.built) copyWeights(this.source, inner);
    else if (this.source?.initialWeights) inner.setWeights(this.source.initialWeights);
    this.source = undefined;
    // Layer.apply would do this for the inner layer, but only its call runs.
    if (inner.initialWeights) {
      inner.setWeights(inner.initialWeights);
      inner.initialWeights = null as unknown as Tensor[];
    }
    const weights = prunableWeights(inner);
    for (const {name, variable} of weights) checkPatternFits(this.pattern, `${inner.name}/${name}`, variable.shape);
    this.pruned = weights.map(({name, variable, inputChannelAxis}) => {
      const prefix = weights.length === 1 ? '' : `${name}_`;
      return {
        name,
        weight: variable,
        mask: guardShape(this.addState(`${prefix}mask`, variable.shape, 1)),
        threshold: this.addState(`${prefix}threshold`, [], 0),
        pattern: this.pattern.type === 'm-by-n' ? {...this.pattern, axis: inputChannelAxis} : this.pattern,
      };
    });
    this.step = this.addState('pruning_step', [], -1, 'int32');
    this.maskAppliers = this.pruned.map(maskApplier);
    this.built = true;
  }

  private addState(name: string, shape: Shape, value: number, dtype: 'float32' | 'int32' = 'float32'): LayerVariable {
    const initial = initializers.constant({value});
    let weight: LayerVariable | undefined;
    // tidy, because a cast to int32 leaves a tensor behind; the last argument, because fast loading replaces initializers.
    tidy(() => {
      weight = this.addWeight(name, shape, dtype, initial, undefined, false, undefined, () => initial);
    });
    return weight!;
  }

  /** Sets every pruned weight to `weight * mask`. Costs nothing where neither has changed. */
  applyMasks(): void {
    for (const apply of this.maskAppliers) apply();
  }

  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    if (kwargs?.['training'] === true && !this.isCounted()) {
      throw new TfmotError(
        'missing-callback',
        `Training a pruned model needs the callback updatePruningStep(), but layer '${this.name}' ran a training pass without it. ` +
          'Pass callbacks: [updatePruningStep()] to fit or fitDataset; in a loop of your own call its setModel, onTrainBegin, onBatchBegin and onEpochEnd.',
      );
    }
    this.applyMasks();
    if (Array.isArray(inputs) && isRecurrent(this.layer)) {
      const [sequence, ...states] = inputs;
      return this.layer.call(sequence!, {...kwargs, initialState: states.length > 0 ? states : null});
    }
    return this.layer.call(inputs, kwargs);
  }

  override apply(
    inputs: Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[],
    kwargs?: Kwargs,
  ): ReturnType<layers.Layer['apply']> {
    const states = kwargs?.['initialState'] as SymbolicTensor[] | SymbolicTensor | undefined;
    // A tensor, not a list, is a caller's own call: its states become inputs, as the recurrent layers themselves do.
    if (states && !Array.isArray(inputs) && isRecurrent(this.layer)) {
      const {initialState: _, ...rest} = kwargs as Kwargs;
      return super.apply([inputs as SymbolicTensor].concat(states), rest);
    }
    return super.apply(inputs, kwargs);
  }

  protected override assertInputCompatibility(inputs: Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[]): void {
    const first = Array.isArray(inputs) && isRecurrent(this.layer) ? inputs[0]! : inputs;
    (this.layer as unknown as {assertInputCompatibility(inputs: unknown): void}).assertInputCompatibility(first);
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.layer.computeOutputShape(inputShape);
  }

  override computeMask(inputs: Tensor | Tensor[], mask?: Tensor | Tensor[]): Tensor | Tensor[] {
    return this.layer.computeMask(inputs, mask);
  }

  override get stateful(): boolean {
    return this.layer.stateful;
  }

  override resetStates(...states: []): void {
    this.layer.resetStates(...states);
  }

  override get losses(): layers.Layer['losses'] {
    return this.layer.losses;
  }

  override get updates(): Tensor[] {
    return this.layer.updates;
  }

  override get trainable(): boolean {
    return this.layer.trainable;
  }

  override set trainable(trainable: boolean) {
    this.layer.trainable = trainable;
  }

  override get trainableWeights(): LayerVariable[] {
    return this.layer.trainableWeights;
  }

  override set trainableWeights(_weights: LayerVariable[]) {}

  override get nonTrainableWeights(): LayerVariable[] {
    const own = this.pruned.flatMap(({mask, threshold}) => [mask, threshold]);
    return [...this.layer.nonTrainableWeights, ...own, ...(this.step === undefined ? [] : [this.step])];
  }

  override set nonTrainableWeights(_weights: LayerVariable[]) {}

  /** The weights of the inner layer, without masks, thresholds and step. */
  override getWeights(trainableOnly?: boolean): Tensor[] {
    return this.layer.getWeights(trainableOnly);
  }

  override setWeights(weights: Tensor[]): void {
    this.layer.setWeights(weights);
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.layer.setFastWeightInitDuringBuild(value);
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

import {
  type DataId,
  mul,
  type serialization as Serialization,
  serialization,
  type Tensor,
  tidy,
  util,
  type Variable,
} from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {rebuild, type SavedLayer, savedLayer} from '../models/rebuild.ts';
import {copyWeights} from '../models/weights.ts';
import type {Pattern} from '../weights/pattern.ts';
import {isRecurrent, prunableWeights, unsupportedReason} from './prunable-layer.ts';
import {type PruningSchedule, type PruningScheduleConfig, pruningScheduleFromConfig} from './schedule.ts';
import {checkPatternFits, type PruningParams, pruningSettings} from './settings.ts';

/** A pruned weight with what the wrapper keeps for it. */
export interface PrunedWeight {
  /** The weight's name within its layer: `kernel`, `recurrent_kernel`. */
  readonly name: string;
  readonly weight: LayerVariable;
  /** Ones and zeros, shaped as the weight. */
  readonly mask: LayerVariable;
  /** Scalar: the smallest magnitude kept at the last update. */
  readonly threshold: LayerVariable;
  readonly pattern: Pattern;
}

/** Constructor arguments of {@link PruneLowMagnitude}. */
export interface PruneLowMagnitudeArgs extends PruningParams {
  readonly layer: layers.Layer;
}

type Kwargs = Record<string, unknown>;
type Shapes = Shape | Shape[];

/** Which data a mask was last applied to, and the mask's own: unchanged data need no second time. */
interface Applied {
  readonly ones: DataId;
  weight: DataId | undefined;
  mask: DataId | undefined;
}

/**
 * A layer that runs another with part of its weights at zero: before every pass it sets `weight := weight * mask`.
 * Gradients pass to all weights. Masks change in {@link updatePruningStep} alone.
 *
 * Made by `pruneLowMagnitude`; registered, so that TensorFlow.js finds it when it loads a model.
 */
export class PruneLowMagnitude extends layers.Layer {
  static readonly className = 'PruneLowMagnitude';

  /** The layer that is pruned. */
  readonly layer: layers.Layer;
  readonly pruningSchedule: PruningSchedule;
  readonly pattern: Pattern;
  /** Whether a callback counts this layer's steps; a training pass without one throws. */
  training: boolean;
  private pruned: readonly PrunedWeight[];
  private step: LayerVariable | undefined;
  private applied: Applied[];
  private source: layers.Layer | undefined;

  constructor(args: PruneLowMagnitudeArgs) {
    const {layer} = args;
    const {schedule, pattern} = pruningSettings(args);
    const reason = unsupportedReason(layer);
    if (reason !== undefined) {
      throw new TfmotError(
        'unsupported-layer',
        `Layer '${layer.name}' (${layer.getClassName()}) cannot be pruned: ${reason}.`,
      );
    }
    super({
      name: `prune_low_magnitude_${layer.name}`,
      trainable: layer.trainable,
      ...(layer.batchInputShape ? {batchInputShape: layer.batchInputShape} : {}),
      ...(layer.dtype ? {dtype: layer.dtype} : {}),
    });
    this.layer = layer;
    this.pruningSchedule = schedule;
    this.pattern = pattern;
    this.training = false;
    this.pruned = [];
    this.step = undefined;
    this.applied = [];
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
    this.applied = this.pruned.map(({mask}) => ({ones: mask.read().dataId, weight: undefined, mask: undefined}));
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

  /** Sets every pruned weight to `weight * mask`. Does nothing where neither has changed since, or the mask is still all ones. */
  applyMasks(): void {
    this.pruned.forEach(({weight, mask}, i) => {
      const applied = this.applied[i]!;
      const variable = weight.read() as Variable;
      const maskTensor = mask.read();
      if (maskTensor.dataId === applied.ones) return;
      if (applied.mask === maskTensor.dataId && applied.weight === variable.dataId) return;
      tidy(() => variable.assign(mul(variable, maskTensor)));
      applied.weight = variable.dataId;
      applied.mask = maskTensor.dataId;
    });
  }

  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    if (kwargs?.['training'] === true && !this.training) {
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
      ...wrapperConfig(this.pattern, this.pruningSchedule.getConfig()),
      layer: {...savedLayer(this.layer)},
    } as Serialization.ConfigDict;
  }

  static override fromConfig<T extends Serialization.Serializable>(
    cls: Serialization.SerializableConstructor<T>,
    config: Serialization.ConfigDict,
  ): T {
    const {layer, pruningSchedule, blockSize, blockPoolingType, sparsityMByN} = config as unknown as SavedWrapper;
    const args: PruneLowMagnitudeArgs = {
      layer: rebuild(layer),
      pruningSchedule:
        typeof pruningSchedule === 'function' ? pruningSchedule() : pruningScheduleFromConfig(pruningSchedule),
      blockSize: blockSize ?? [1, 1],
      // TensorFlow.js writes string values in lower case.
      blockPoolingType: (blockPoolingType ?? 'AVG').toUpperCase() as 'AVG' | 'MAX',
      sparsityMByN: sparsityMByN ?? null,
    };
    return new cls(args as unknown as Serialization.ConfigDict);
  }
}

/** Makes a mask refuse values of another shape, which only a checkpoint of another model can hold, in this library's words. */
function guardShape(mask: LayerVariable): LayerVariable {
  const write = mask.write.bind(mask);
  mask.write = value => {
    if (!util.arraysEqual(value.shape, mask.shape as number[])) {
      throw new TfmotError(
        'mask-mismatch',
        `A mask must have the shape [${mask.shape}] of its weight, but [${value.shape}] was to be written to ${mask.originalName}. ` +
          'Load the weights that were saved with this model.',
      );
    }
    return write(value);
  };
  return mask;
}

interface SavedWrapper {
  readonly layer: SavedLayer;
  readonly pruningSchedule: PruningScheduleConfig | (() => PruningSchedule);
  readonly blockSize?: readonly [number, number];
  readonly blockPoolingType?: string;
  readonly sparsityMByN?: readonly [number, number] | null;
}

function wrapperConfig(pattern: Pattern, pruningSchedule: PruningScheduleConfig): object {
  return {
    pruningSchedule,
    blockSize: pattern.type === 'block' ? [...pattern.size] : [1, 1],
    blockPoolingType: pattern.type === 'block' ? pattern.pooling : 'AVG',
    sparsityMByN: pattern.type === 'm-by-n' ? [pattern.m, pattern.n] : null,
  };
}

/**
 * What a model's configuration holds in place of `layer` once it is wrapped. The schedule stays the caller's own object, behind
 * a function that TensorFlow.js' walk over configurations does not enter: only loading a saved model needs it registered.
 */
export function wrappedConfig(
  layer: layers.Layer,
  settings: {schedule: PruningSchedule; pattern: Pattern},
): SavedLayer {
  return {
    className: PruneLowMagnitude.className,
    config: {
      name: `prune_low_magnitude_${layer.name}`,
      ...wrapperConfig(settings.pattern, settings.schedule.getConfig()),
      layer: {...savedLayer(layer)},
      pruningSchedule: (() => settings.schedule) as unknown as Serialization.ConfigDict,
    } as Serialization.ConfigDict,
  };
}

/** Whether `layer` is a {@link PruneLowMagnitude}. */
export function isWrapper(layer: layers.Layer): layer is PruneLowMagnitude {
  return layer.getClassName() === PruneLowMagnitude.className;
}

serialization.registerClass(PruneLowMagnitude);

import {type Tensor, tidy} from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {isRecurrent} from './parts.ts';
import {insideLayer} from './tfjs-private.ts';
import {copyWeights} from './weights.ts';

type Kwargs = Record<string, unknown>;
type Shapes = Shape | Shape[];
type Inputs = Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[];

/** What a technique adds to one weight of a wrapped layer. */
export interface BoundWeight {
  /** The weight's name within its layer: `kernel`, `recurrent_kernel`. */
  readonly name: string;
  readonly weight: LayerVariable;
  /** What is saved with the model for this weight, in order; those that are trainable train with the layer. */
  readonly states: readonly LayerVariable[];
  /** Runs before every pass, in training and in inference, apart from its gradient: sets the weight or its states. */
  beforePass?(): void;
  /** What the pass computes with in place of the weight, as the gradient sees it. Called in a `tidy`. */
  seenAs?(weight: Tensor): Tensor;
  /** The weight that a model without the wrapper has. The caller disposes it, or calls this in a `tidy`. */
  stripped(weight: Tensor): Tensor;
}

/** What a technique adds to a whole layer. */
export interface Binding {
  readonly weights: readonly BoundWeight[];
  /**
   * Int32 scalar, saved after the states of the weights, of techniques that count: training steps done, -1 before the
   * first.
   */
  readonly step?: LayerVariable;
}

/** What a state is. */
interface StateOptions {
  readonly dtype?: 'float32' | 'int32';
  /** Whether the optimizer moves it, as long as the layer is trainable. */
  readonly trainable?: boolean;
}

/** What a wrapper tells TensorFlow.js of itself beyond its layer. */
export interface WrapperArgs {
  readonly layer: layers.Layer;
  readonly name: string;
}

/**
 * A layer that runs another, whose weights a technique changes before every pass. To the model around it, it is that
 * layer: it has its shapes, masks, losses, states and trainable weights, and beyond its weights the states of the
 * technique. Each technique has a class of its own, since saved models name it.
 */
export abstract class WeightWrapper extends layers.Layer {
  /** The layer that runs. */
  readonly layer: layers.Layer;
  protected binding: Binding | undefined;
  private source: layers.Layer | undefined;

  constructor({layer, name}: WrapperArgs) {
    super({
      name,
      trainable: layer.trainable,
      ...(layer.batchInputShape ? {batchInputShape: layer.batchInputShape} : {}),
      ...(layer.dtype ? {dtype: layer.dtype} : {}),
    });
    this.layer = layer;
    this.binding = undefined;
    this.source = undefined;
    this.supportsMasking = layer.supportsMasking;
    this.activityRegularizer = layer.activityRegularizer;
  }

  /** Adds the states of the technique with {@link addState}. Called once, when the inner layer is built. */
  protected abstract bind(): Binding;

  /** Runs once the inner layer has the weights that it starts with, and the technique's states are bound. */
  weightsAreSet(): void {}

  /** The weights that the technique changes; none before the layer is built. */
  get boundWeights(): readonly BoundWeight[] {
    return this.binding?.weights ?? [];
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
      insideLayer(inner).initialWeights = null;
    }
    this.binding = this.bind();
    // Weights that start fast are put in later.
    if (!insideLayer(this).fastWeightInitDuringBuild) this.weightsAreSet();
    this.built = true;
  }

  /** Adds a scalar or tensor to what is saved with the model; every element starts at `value`. */
  protected addState(
    name: string,
    shape: Shape,
    value: number,
    {dtype = 'float32', trainable = false}: StateOptions = {},
  ): LayerVariable {
    const initial = initializers.constant({value});
    let weight: LayerVariable | undefined;
    // tidy, because a cast to int32 leaves a tensor behind; the last argument, because fast loading replaces
    // initializers.
    tidy(() => {
      weight = this.addWeight(name, shape, dtype, initial, undefined, trainable, undefined, () => initial);
    });
    return weight!;
  }

  /** Sets every bound weight to what the next pass shall see. */
  beforePass(): void {
    for (const bound of this.boundWeights) bound.beforePass?.();
  }

  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    this.beforePass();
    const seen = this.boundWeights.filter(({seenAs}) => seenAs !== undefined);
    if (seen.length === 0) return this.pass(inputs, kwargs);
    return tidy(() => showing(seen, () => this.pass(inputs, kwargs)));
  }

  private pass(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    if (Array.isArray(inputs) && isRecurrent(this.layer)) {
      const [sequence, ...states] = inputs;
      return this.layer.call(sequence!, {...kwargs, initialState: states.length > 0 ? states : null});
    }
    return this.layer.call(inputs, kwargs);
  }

  override apply(inputs: Inputs, kwargs?: Kwargs): ReturnType<layers.Layer['apply']> {
    const states = kwargs?.['initialState'] as SymbolicTensor[] | SymbolicTensor | undefined;
    // A tensor, not a list, is a caller's own call: its states become inputs, as the recurrent layers themselves do.
    if (states && !Array.isArray(inputs) && isRecurrent(this.layer)) {
      const {initialState: _, ...rest} = kwargs as Kwargs;
      return super.apply([inputs as SymbolicTensor].concat(states), rest);
    }
    return super.apply(inputs, kwargs);
  }

  protected override assertInputCompatibility(inputs: Inputs): void {
    const first = Array.isArray(inputs) && isRecurrent(this.layer) ? inputs[0]! : inputs;
    insideLayer(this.layer).assertInputCompatibility(first);
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.layer.computeOutputShape(inputShape);
  }

  override computeMask(inputs: Tensor | Tensor[], mask?: Tensor | Tensor[]): Tensor | Tensor[] {
    return this.layer.computeMask(inputs, mask);
  }

  private get states(): readonly LayerVariable[] {
    const {weights = [], step} = this.binding ?? {};
    return [...weights.flatMap(({states}) => states), ...(step === undefined ? [] : [step])];
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
    return [...this.layer.trainableWeights, ...this.states.filter(state => this.trainable && state.trainable)];
  }

  override set trainableWeights(_weights: LayerVariable[]) {}

  override get nonTrainableWeights(): LayerVariable[] {
    return [...this.layer.nonTrainableWeights, ...this.states.filter(state => !(this.trainable && state.trainable))];
  }

  override set nonTrainableWeights(_weights: LayerVariable[]) {}

  /** The weights of the inner layer, without the states of the technique. */
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
}

/**
 * Runs a pass in which every weight reads as what the technique shows in its place. The optimizer reads its variables
 * before the pass, and regularisers after it: both see the weight itself.
 */
function showing<T>(seen: readonly BoundWeight[], pass: () => T): T {
  try {
    for (const {weight, seenAs} of seen) {
      const shown = seenAs!(weight.read());
      weight.read = () => shown;
    }
    return pass();
  } finally {
    // What stands on the object hides the method of its class.
    for (const {weight} of seen) delete (weight as Partial<LayerVariable>).read;
  }
}

/**
 * Every field and method of TensorFlow.js that this library uses although its declarations hide it. A new version of
 * TensorFlow.js has to keep these, and nothing else that is not declared.
 */

import type {Optimizer, Tensor, Variable} from '@tensorflow/tfjs-core';
import type {History, LayersModel, layers} from '@tensorflow/tfjs-layers';

/** What a layer hides. */
interface PrivateLayer {
  /** Initial weights that wait for the layer to be built. */
  initialWeights: readonly Tensor[] | null;
  /** Whether the weights start with zeros, because others are put in place. */
  readonly fastWeightInitDuringBuild?: boolean;
  /** Refuses inputs that the layer cannot take. */
  assertInputCompatibility(inputs: unknown): void;
  /** The layer inside a `TimeDistributed`. */
  readonly layer?: layers.Layer;
  /** The layers inside a `Bidirectional`. */
  readonly forwardLayer?: layers.Layer;
  readonly backwardLayer?: layers.Layer;
  /** The cell of a recurrent layer, the cells of `StackedRNNCells`. */
  readonly cell?: layers.Layer;
  readonly cells?: readonly layers.Layer[];
  /** What `getConfig` forgets or confuses: of `AlphaDropout`, `DepthwiseConv2D`, `SeparableConv2D`. */
  readonly noiseShape?: readonly number[] | null;
  readonly depthwiseConstraint?: unknown;
  readonly depthMultiplier?: number;
}

/** What `BatchNormalization` and `LayerNormalization` hide. */
interface PrivateNormalization {
  /** One axis or several, counted from the front or, below zero, from the back. */
  readonly axis: number | readonly number[];
  scale: boolean;
  center: boolean;
  gamma: {read(): Tensor} | null | undefined;
  beta: {read(): Tensor} | null | undefined;
}

/** What a functional model hides. */
interface PrivateContainer {
  readonly inputLayers: readonly layers.Layer[];
  readonly outputLayers: readonly layers.Layer[];
  /** The uses of layers that belong to this model, as `<layer>_ib-<index of the node>`. */
  readonly containerNodes: ReadonlySet<string>;
}

/** What a model hides of its training. */
interface PrivateTraining {
  /** Whether `fit` or `fitDataset` runs now. */
  readonly isTraining: boolean;
  /** The history of the last training, another object for each. */
  readonly history: History;
}

/** What Adam hides: the powers of its betas, and the betas. */
interface PrivateAdam {
  readonly accBeta1?: Variable;
  readonly accBeta2?: Variable;
  readonly beta1?: number;
  readonly beta2?: number;
}

/** The hidden side of a layer. */
export function insideLayer(layer: layers.Layer): PrivateLayer {
  return layer as unknown as PrivateLayer;
}

/** The hidden side of a normalisation layer. */
export function insideNormalization(layer: layers.Layer): PrivateNormalization {
  return layer as unknown as PrivateNormalization;
}

/** The hidden side of a functional model. */
export function insideContainer(model: layers.Layer): PrivateContainer {
  return model as unknown as PrivateContainer;
}

/** The hidden side of a model's training. */
export function insideTraining(model: LayersModel): PrivateTraining {
  return model as unknown as PrivateTraining;
}

/** The hidden side of an Adam optimizer. */
export function insideAdam(optimizer: Optimizer): PrivateAdam {
  return optimizer as unknown as PrivateAdam;
}

/** A field of a layer that only its class knows. */
export function fieldOf(layer: layers.Layer, name: string): unknown {
  return (layer as unknown as Readonly<Record<string, unknown>>)[name];
}

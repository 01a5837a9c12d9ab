import {TfmotError} from '../../../errors.ts';
import type {Builder} from '../../../graph/builder.ts';
import type {Shape, TensorId, Weight} from '../../../graph/tensor.ts';
import type {LayerSpec} from '../config.ts';
import type {SavedBy} from '../saved-by.ts';
import type {WeightStore} from '../weights.ts';

/** One call of one layer, to be turned into ops. */
export interface LayerCall {
  readonly layer: LayerSpec;
  readonly inputs: readonly TensorId[];
  readonly builder: Builder;
  readonly weights: WeightStore;
  /** The layer's name, or that of the wrapper around it, behind those of the models that hold it. */
  readonly path: string;
  /** Who saved the model: layers differ between TensorFlow.js, Keras 2 and Keras 3 in places. */
  readonly savedBy: SavedBy;
  /** Imports another layer in place (wrappers, nested models). */
  readonly call: (layer: LayerSpec, inputs: readonly TensorId[], path: string) => readonly TensorId[];
  /**
   * A weight that the import itself makes, such as the ones of a normalisation that trains no scale; made once for each
   * name and shape, so that a layer that is called often has it once.
   */
  readonly constant: (name: string, shape: Shape, make: () => Float32Array) => Weight;
}

/**
 * The import rule of one Keras class: adds ops for one call of a layer, and says which tensors come out.
 * A new layer is one such function in the file of its family, and one line in its table.
 */
export type LayerImporter = (call: LayerCall) => readonly TensorId[];

/** The only input of a layer that takes one, with its shape. */
export function soleInput({inputs, layer, builder}: LayerCall): {readonly id: TensorId; readonly shape: Shape} {
  const id = inputs[0];
  if (id === undefined || inputs.length !== 1) {
    throw new TfmotError(
      'invalid-topology',
      `Layer '${layer.name}' (${layer.className}) must have one input, but has ${inputs.length}.`,
    );
  }
  return {id, shape: builder.tensor(id).shape};
}

/**
 * A weight of the layer.
 *
 * @param shape What it must be.
 * @throws TfmotError `invalid-weights` when there is none of this name or it has another shape.
 */
export function weightOf({layer, weights, path}: LayerCall, name: string, shape: Shape): Weight {
  const weight = weights.find(path, name);
  if (weight === null) {
    throw new TfmotError(
      'invalid-weights',
      `Layer '${layer.name}' (${layer.className}) needs a weight '${path}/${name}', which the weight specs lack. Save topology and weights together.`,
    );
  }
  if (weight.shape.length !== shape.length || weight.shape.some((size, i) => size !== shape[i])) {
    throw new TfmotError(
      'invalid-weights',
      `Weight '${weight.name}' must be [${shape}] to fit layer '${layer.name}' (${layer.className}), but is [${weight.shape}].`,
    );
  }
  return weight;
}

/**
 * The axis of a config as an index into shapes without the batch dimension.
 *
 * @param axis As Keras counts: 0 is the batch, negative from the end.
 * @throws TfmotError `unsupported-layer` for the batch axis, `invalid-topology` beyond the rank.
 */
export function innerAxis({layer}: LayerCall, axis: number, shape: Shape): number {
  const inner = axis < 0 ? shape.length + axis : axis - 1;
  if (inner === -1 && (axis === 0 || axis === -shape.length - 1)) {
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${layer.name}' (${layer.className}) works across the batch, which inference cannot: examples must not mix.`,
    );
  }
  if (inner < 0 || inner >= shape.length) {
    throw new TfmotError(
      'invalid-topology',
      `Layer '${layer.name}' (${layer.className}): axis ${axis} is not one of an input [batch, ${shape}].`,
    );
  }
  return inner;
}

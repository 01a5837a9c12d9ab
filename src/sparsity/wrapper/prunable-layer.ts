import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {
  type Choice,
  type ChosenWeight,
  chosenWeights,
  unsupportedReason as reasonFor,
} from '../../live/chosen-weights.ts';

/**
 * A custom layer or recurrent cell that names the weights to prune. The wrapper asks it once, after the layer is built.
 *
 * @example
 * class Gated extends tf.layers.Layer {
 *   getPrunableWeights() {
 *     return [this.kernel, this.gateKernel];
 *   }
 * }
 */
export interface PrunableLayer {
  getPrunableWeights(): LayerVariable[];
}

const PRUNING: Choice = {method: 'getPrunableWeights' satisfies keyof PrunableLayer, verb: 'prune'};

/** Why a layer cannot be wrapped, as a clause; `undefined` when it can. The layer need not be built. */
export function unsupportedReason(layer: layers.Layer): string | undefined {
  return reasonFor(layer, PRUNING);
}

/** The weights of a built layer that are pruned; none where the layer has nothing to prune. */
export function prunableWeights(layer: layers.Layer): ChosenWeight[] {
  return chosenWeights(layer, PRUNING);
}

import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {
  type Choice,
  type ChosenWeight,
  chosenWeights,
  unsupportedReason as reasonFor,
} from '../../live/chosen-weights.ts';
import {type ClusterLayout, clusterLayout, valuesPerSet} from './layout.ts';
import type {ClusteringSettings} from './settings.ts';

/**
 * A custom layer or recurrent cell that names the weights to cluster. The wrapper asks it once, after the layer is
 * built.
 *
 * @example
 * class Gated extends tf.layers.Layer {
 *   getClusterableWeights() {
 *     return [this.kernel, this.gateKernel];
 *   }
 * }
 */
export interface ClusterableLayer {
  getClusterableWeights(): LayerVariable[];
}

/** A weight that may be clustered. */
export interface ClusterableWeight extends ChosenWeight {
  readonly layout: ClusterLayout;
  /** Whether each output channel has centroids of its own. */
  readonly perChannel: boolean;
  /** Why it is left as it is, as a clause; `undefined` where it is clustered. */
  readonly left: string | undefined;
}

const CLUSTERING: Choice = {method: 'getClusterableWeights' satisfies keyof ClusterableLayer, verb: 'cluster'};
/** The classes whose channels may have centroids of their own. */
const PER_CHANNEL: readonly string[] = ['Conv2D', 'Conv2DTranspose'];

/** Why a layer cannot be wrapped, as a clause; `undefined` when it can. The layer need not be built. */
export function unsupportedReason(layer: layers.Layer): string | undefined {
  return reasonFor(layer, CLUSTERING);
}

/** The weights of a built layer that may be clustered; none where the layer has nothing to cluster. */
export function clusterableWeights(
  layer: layers.Layer,
  {numberOfClusters, clusterPerChannel}: Pick<ClusteringSettings, 'numberOfClusters' | 'clusterPerChannel'>,
): ClusterableWeight[] {
  return chosenWeights(layer, CLUSTERING).map(weight => {
    const perChannel = clusterPerChannel && PER_CHANNEL.includes(weight.className);
    const shape = weight.variable.shape as number[];
    const layout = clusterLayout(shape, numberOfClusters, perChannel ? weight.outputAxes[0] : undefined);
    const values = valuesPerSet(layout);
    const left =
      values > numberOfClusters
        ? undefined
        : `${weight.name} has only ${values} values${perChannel ? ' a channel' : ''} for ${numberOfClusters} clusters`;
    return {...weight, layout, perChannel, left};
  });
}

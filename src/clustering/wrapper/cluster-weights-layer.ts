import {type serialization as Serialization, serialization} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {checkLayer} from '../../live/given.ts';
import {type Binding, WeightWrapper} from '../../live/weight-wrapper.ts';
import {layerRefused} from '../../live/wrap.ts';
import {type ClusterableWeight, clusterableWeights, unsupportedReason} from './clusterable-layer.ts';
import {type ClusteredWeight, clusteredWeight} from './clustered-weight.ts';
import {centroidShape} from './layout.ts';
import {CLUSTERING_PARAMS, type ClusteringSettings, clusteringSettings} from './settings.ts';
import {argsFromConfig, type ClusterWeightsArgs, WRAPPER_CLASS, wrapperConfig, wrapperName} from './wrapper-config.ts';

/**
 * A layer that runs another with few different values in its weights: in every pass, each value is the centroid nearest
 * to it. Gradients pass to all weights and to the centroids, and all of them are trained.
 *
 * Made by `clusterWeights`; registered, so that TensorFlow.js finds it when it loads a model.
 */
export class ClusterWeights extends WeightWrapper {
  static readonly className: string = WRAPPER_CLASS;

  readonly settings: ClusteringSettings;
  private clustered: readonly ClusteredWeight[];

  /** @throws TfmotError `unsupported-layer`, `invalid-argument`. */
  constructor(args: ClusterWeightsArgs) {
    const settings = clusteringSettings(args, WRAPPER_CLASS, ['layer', ...CLUSTERING_PARAMS]);
    const {layer} = args;
    checkLayer(layer, WRAPPER_CLASS);
    const reason = unsupportedReason(layer);
    if (reason !== undefined) throw layerRefused(layer, 'clustered', reason);
    super({layer, name: wrapperName(layer)});
    this.settings = settings;
    this.clustered = [];
  }

  /** The clustered weights with their centroids and indices; empty before the layer is built. */
  get clusteredWeights(): readonly ClusteredWeight[] {
    return this.clustered;
  }

  protected override bind(): Binding {
    this.clustered = clusterableWeights(this.layer, this.settings)
      .filter(({left}) => left === undefined)
      .map(weight => this.cluster(weight));
    return {weights: this.clustered};
  }

  private cluster(weight: ClusterableWeight): ClusteredWeight {
    const {name, layout, perChannel, variable} = weight;
    const {shape} = variable;
    const centroids = this.addState(`cluster_centroids_${name}`, centroidShape(layout, perChannel), 0, {
      trainable: true,
    });
    const indices = this.addState(`pulling_indices_${name}`, shape, 0, {dtype: 'int32'});
    const sparsity = this.settings.preserveSparsity
      ? {
          mask: this.addState(`sparsity_mask_${name}`, shape, 1),
          zeroIndex: this.addState(`zero_index_${name}`, perChannel ? [layout.channels] : [], 0, {dtype: 'int32'}),
        }
      : undefined;
    return clusteredWeight(weight, {centroids, indices, sparsity}, layout, this.settings);
  }

  override weightsAreSet(): void {
    for (const weight of this.clustered) weight.start();
  }

  override getConfig(): Serialization.ConfigDict {
    return {...super.getConfig(), ...wrapperConfig(this.layer, this.settings)};
  }

  static override fromConfig<T extends Serialization.Serializable>(
    cls: Serialization.SerializableConstructor<T>,
    config: Serialization.ConfigDict,
  ): T {
    return new cls(argsFromConfig(config) as unknown as Serialization.ConfigDict);
  }
}

/** Whether `layer` is a {@link ClusterWeights}. */
export function isWrapper(layer: layers.Layer): layer is ClusterWeights {
  return layer.getClassName() === WRAPPER_CLASS;
}

serialization.registerClass(ClusterWeights);

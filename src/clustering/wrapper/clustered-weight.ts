import {
  type DataId,
  equal,
  mul,
  notEqual,
  onesLike,
  reshape,
  type Tensor,
  tensor,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import type {ChosenWeight} from '../../live/chosen-weights.ts';
import type {BoundWeight} from '../../live/weight-wrapper.ts';
import {assign} from '../../live/weights.ts';
import {firstNonFinite} from '../../masks/statistics.ts';
import {fillEmptyClusters} from '../../quantizers/centroids/fill-empty.ts';
import {initialCentroids} from '../../quantizers/centroids/initial.ts';
import {byChannel, type ClusterLayout} from './layout.ts';
import {centroidsAt, clustered, nearestCentroids} from './lookup.ts';
import type {ClusteringSettings} from './settings.ts';

/** What a wrapper keeps for a clustered weight. */
export interface ClusterStates {
  /** `[clusters]`, or `[channels, clusters]`; trained. */
  readonly centroids: LayerVariable;
  /** Int32, shaped as the weight: the centroid of each value at the last pass. */
  readonly indices: LayerVariable;
  /**
   * Where zeros are kept: ones and zeros, shaped as the weight, and for each set of centroids which of them is zero.
   */
  readonly sparsity?: {readonly mask: LayerVariable; readonly zeroIndex: LayerVariable} | undefined;
}

/** A clustered weight with what its wrapper keeps for it. */
export interface ClusteredWeight extends BoundWeight, ClusterStates {
  readonly layout: ClusterLayout;
  /** Chooses the centroids from the weight as it is. */
  start(): void;
  /** Gives centroids without values those that are farthest from their own; nothing is trained by it. */
  fillEmpty(): Promise<void>;
}

/** Binds centroids to a weight: every pass sees, in place of each value, the centroid nearest to it. */
export function clusteredWeight(
  {name, variable: weight}: ChosenWeight,
  states: ClusterStates,
  layout: ClusterLayout,
  settings: ClusteringSettings,
): ClusteredWeight {
  const {centroids, indices, sparsity} = states;
  const masked = (value: Tensor): Tensor => (sparsity === undefined ? value : mul(value, sparsity.mask.read()));
  let associated: readonly [weight: DataId, centroids: DataId, indices: DataId] | undefined;
  const associate = (value: Tensor): void => {
    const now = [value.dataId, centroids.read().dataId, indices.read().dataId] as const;
    // Tensors are immutable, so data of the same id are the same data.
    if (associated?.every((id, i) => id === now[i])) return;
    tidy(() => assign(indices, nearestCentroids(masked(value), centroids.read(), layout)));
    associated = [now[0], now[1], indices.read().dataId];
  };
  let pinned: DataId | undefined;
  const beforePass = (): void => {
    if (sparsity === undefined || centroids.read().dataId === pinned) return;
    tidy(() => assign(centroids, withZero(centroids.read(), sparsity.zeroIndex.read(), layout)));
    pinned = centroids.read().dataId;
  };
  const put = (values: Float32Array): void =>
    tidy(() => assign(centroids, tensor(values, centroids.shape as number[])));
  return {
    name,
    weight,
    layout,
    ...states,
    states: [centroids, indices, ...(sparsity === undefined ? [] : [sparsity.mask, sparsity.zeroIndex])],
    beforePass,
    seenAs: value =>
      clustered(value, centroids.read(), {
        layout,
        aggregation: settings.clusterGradientAggregation,
        indicesOf: () => {
          associate(value);
          return indices.read();
        },
        ...(sparsity === undefined ? {} : {mask: sparsity.mask.read()}),
      }),
    stripped: value => {
      const sets =
        sparsity === undefined ? centroids.read() : withZero(centroids.read(), sparsity.zeroIndex.read(), layout);
      return centroidsAt(nearestCentroids(masked(value), sets, layout), sets, layout);
    },
    start: () => {
      const values = weight.read().dataSync() as Float32Array;
      checkFinite(values, weight);
      const sets = byChannel(values, layout).map(channel => initialCentroids(channel, layout.clusters, settings));
      put(concatenated(sets));
      if (sparsity !== undefined) {
        tidy(() => {
          const zeros = sets.map(set => set.indexOf(0));
          assign(sparsity.zeroIndex, tensor(zeros, sparsity.zeroIndex.shape as number[], 'int32'));
          // Small weights that fall to zero here stay there for good.
          const seen = centroidsAt(nearestCentroids(weight.read(), centroids.read(), layout), centroids.read(), layout);
          assign(sparsity.mask, where(notEqual(seen, 0), onesLike(seen), zerosLike(seen)));
        });
      }
      associate(weight.read());
    },
    fillEmpty: async () => {
      beforePass();
      const values = (await weight.read().data()) as Float32Array;
      const given = (await centroids.read().data()) as Float32Array;
      const mask = (await sparsity?.mask.read().data()) as Float32Array | undefined;
      const zeros = await sparsity?.zeroIndex.read().data();
      checkFinite(values, weight);
      const channels = byChannel(mask === undefined ? values : values.map((value, i) => value * mask[i]!), layout);
      const filled = channels.map((channel, i) => {
        const set = given.subarray(i * layout.clusters, (i + 1) * layout.clusters);
        return fillEmptyClusters(channel, set, zeros?.[i] ?? -1);
      });
      put(concatenated(filled));
    },
  };
}

/**
 * Centroids in which zero is zero again, and all that equal it. The optimizer moves it like every other; where it
 * stands keeps the weights at zero.
 */
function withZero(centroids: Tensor, zeroIndex: Tensor, layout: ClusterLayout): Tensor {
  const {channels, clusters} = layout;
  return tidy(() => {
    const sets = reshape(centroids, [channels, clusters]);
    const zero = centroidsAt(reshape(zeroIndex, [channels, 1]), centroids, {...layout, inner: 1});
    return reshape(where(equal(sets, zero), zerosLike(sets), sets), centroids.shape);
  });
}

function checkFinite(values: Float32Array, weight: LayerVariable): void {
  const bad = firstNonFinite(values);
  if (bad < 0) return;
  throw new TfmotError(
    'non-finite-weight',
    `Weights must be finite when centroids are chosen from them, but ${weight.originalName} holds ${values[bad]} at index ${bad}. ` +
      'Cluster a model whose training went well.',
  );
}

function concatenated(sets: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(sets.reduce((total, {length}) => total + length, 0));
  let at = 0;
  for (const set of sets) {
    all.set(set, at);
    at += set.length;
  }
  return all;
}

import type {CentroidInitialization} from '../quantizers/centroids/initial.ts';

/** The ways in which centroids start, as constants; the names alone, such as `'LINEAR'`, are taken too. */
export const centroidInitialization: Readonly<{[Name in CentroidInitialization]: Name}> = Object.freeze({
  /** Evenly spaced from the least weight to the largest. */
  LINEAR: 'LINEAR',
  /** Uniformly drawn between the least weight and the largest. */
  RANDOM: 'RANDOM',
  /** More where the weights are dense. */
  DENSITY_BASED: 'DENSITY_BASED',
  /** Weights far from each other, by k-means++. */
  KMEANS_PLUS_PLUS: 'KMEANS_PLUS_PLUS',
});

import {densityCentroids} from './density-based.ts';
import {fillEmptyClusters} from './fill-empty.ts';
import {plusPlusCentroids} from './kmeans-plus-plus.ts';
import {linearCentroids, rangeOf} from './linear.ts';
import {philox} from './philox.ts';
import {type ClusteringRefinement, refineCentroids} from './refine.ts';

/** How centroids start, by the names of the Python toolkit. */
export type CentroidInitialization = 'LINEAR' | 'RANDOM' | 'DENSITY_BASED' | 'KMEANS_PLUS_PLUS';

/** How the centroids of a weight start. */
export interface InitialOptions {
  readonly init: CentroidInitialization;
  /** Whether zero is a centroid of its own, and the others are divided between the negative and the positive values. */
  readonly preserveSparsity: boolean;
  readonly seed: number;
}

/**
 * The centroids that the Python toolkit starts with, bit for bit but for RANDOM: there may be fewer than asked for
 * where values are few, or all zero, and some may have no values.
 *
 * @param values Finite; not changed.
 */
export function toolkitCentroids(values: Float32Array, clusters: number, options: InitialOptions): Float32Array {
  if (!options.preserveSparsity) return oneSide(values, clusters, options, false);
  const negative = values.filter(value => value < 0);
  const positive = values.filter(value => value > 0);
  const nonZeros = negative.length + positive.length;
  if (nonZeros === 0) return new Float32Array(1);
  const below = roundHalfEven(((clusters - 1) * negative.length) / nonZeros);
  return Float32Array.of(
    ...oneSide(negative, below, options, true),
    0,
    ...oneSide(positive, clusters - 1 - below, options, true),
  );
}

/**
 * The centroids that a weight starts with: those of the toolkit, refined where that is asked for, and then none without
 * values as long as there are values to give.
 *
 * @returns Exactly `clusters` centroids; some are repeated where there are fewer different values.
 */
export function initialCentroids(
  values: Float32Array,
  clusters: number,
  options: InitialOptions & ClusteringRefinement,
): Float32Array {
  const toolkit = toolkitCentroids(values, clusters, options);
  // Rounding leaves -0 where it takes a small centroid away; adding 0 makes it +0.
  const start = Float32Array.from({length: clusters}, (_, k) => toolkit[Math.min(k, toolkit.length - 1)]! + 0);
  const pinned = options.preserveSparsity ? start.indexOf(0) : -1;
  return fillEmptyClusters(values, refineCentroids(values, start, options, pinned), pinned);
}

function oneSide(
  values: Float32Array,
  clusters: number,
  {init, seed}: InitialOptions,
  besideZero: boolean,
): Float32Array {
  if (clusters === 0 || values.length === 0) return new Float32Array(0);
  switch (init) {
    case 'LINEAR':
      return linearCentroids(values, clusters);
    case 'DENSITY_BASED':
      return densityCentroids(values, clusters, besideZero);
    case 'KMEANS_PLUS_PLUS':
      return plusPlusCentroids(values, clusters, seed);
    case 'RANDOM':
      return randomCentroids(values, clusters, seed);
  }
}

/** Centroids uniformly drawn between the least and the largest value. */
function randomCentroids(values: Float32Array, clusters: number, seed: number): Float32Array {
  const {least, largest} = rangeOf(values);
  const random = philox(seed);
  return Float32Array.from({length: clusters}, () => least + random.float() * (largest - least));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

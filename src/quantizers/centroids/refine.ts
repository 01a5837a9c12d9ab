import {optimalClusters} from '../clusters.ts';
import {binnedPoints, distinctPoints} from '../points.ts';
import {assignToNearest} from './nearest.ts';

/** How centroids are refined before they are used. */
export interface ClusteringRefinement {
  /**
   * Rounds in which every centroid moves to the mean of its values (Lloyd 1982), or `'exact'` for the best there are.
   */
  readonly iterations: number | 'exact';
}

/** How many rounds follow the exact clustering of values that had to be put in bins. */
const ROUNDS_AFTER_BINS = 8;

/**
 * Centroids moved so that the sum of squared distances falls. Exact centroids are ascending but for the pinned one, and
 * exact where there are at most 4,096 different values; with more they are the best between bins, refined in rounds.
 *
 * @param pinned The index of a centroid that stays, zero's, or -1; exact clustering then leaves zeros out.
 * @returns As many as given; repeated where there are fewer different values.
 */
export function refineCentroids(
  values: Float32Array,
  start: Float32Array,
  {iterations}: ClusteringRefinement,
  pinned: number,
): Float32Array {
  if (iterations !== 'exact') return lloyd(values, start, iterations, pinned);
  const others = pinned < 0 ? values : values.filter(value => value !== 0);
  if (others.length === 0) return start.slice();
  const exact = distinctPoints(others);
  const points = exact ?? binnedPoints(others);
  const free = start.length - (pinned < 0 ? 0 : 1);
  const means = Float32Array.from(optimalClusters(points, Math.min(free, points.positions.length)));
  const found = Float32Array.from(start, (_, k) => {
    if (k === pinned) return 0;
    return means[Math.min(pinned >= 0 && k > pinned ? k - 1 : k, means.length - 1)]!;
  });
  return exact === null ? lloyd(values, found, ROUNDS_AFTER_BINS, pinned) : found;
}

function lloyd(values: Float32Array, start: Float32Array, rounds: number, pinned: number): Float32Array {
  let centroids = start.slice();
  for (let round = 0; round < rounds; round++) {
    const {indices, members} = assignToNearest(values, centroids);
    const sums = new Float64Array(centroids.length);
    for (let i = 0; i < values.length; i++) sums[indices[i]!]! += values[i]!;
    const moved = centroids.map((centroid, k) =>
      k === pinned || members[k] === 0 ? centroid : sums[k]! / members[k]!,
    );
    if (moved.every((centroid, k) => centroid === centroids[k])) break;
    centroids = moved;
  }
  return centroids;
}

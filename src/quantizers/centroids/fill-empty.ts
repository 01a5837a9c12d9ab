import {assignToNearest} from './nearest.ts';

/**
 * Moves every centroid without values to the value that is farthest from its own centroid, the first of equally far
 * ones, until none is without or every value is a centroid itself. So as many centroids are in use as there are, or as
 * there are different values.
 *
 * @param pinned The index of a centroid that stays where it is, that of zero.
 * @returns The centroids, in the order given; not those given, which are not changed.
 */
export function fillEmptyClusters(values: Float32Array, given: Float32Array, pinned = -1): Float32Array {
  const centroids = given.slice();
  const {indices, distances, members} = assignToNearest(values, centroids);
  for (;;) {
    const empty = members.findIndex((count, k) => count === 0 && k !== pinned);
    if (empty < 0) return centroids;
    let farthest = -1;
    let distance = 0;
    for (let i = 0; i < values.length; i++) {
      if (distances[i]! > distance) {
        farthest = i;
        distance = distances[i]!;
      }
    }
    if (farthest < 0) return centroids;
    const point = values[farthest]!;
    centroids[empty] = point;
    for (let i = 0; i < values.length; i++) {
      const nearer = Math.abs(Math.fround(values[i]! - point));
      if (nearer > distances[i]! || (nearer === distances[i]! && indices[i]! < empty)) continue;
      members[indices[i]!]!--;
      members[empty]!++;
      indices[i] = empty;
      distances[i] = nearer;
    }
  }
}

/** What each value is nearest to. */
export interface Assignment {
  /** The index of the nearest centroid; of equally near ones, the first. */
  readonly indices: Uint32Array;
  /** How far it is. */
  readonly distances: Float32Array;
  /** How many values each centroid has. */
  readonly members: Uint32Array;
}

/** Assigns values to their nearest centroids, distances rounded to float32. Centroids need not be sorted. */
export function assignToNearest(values: Float32Array, centroids: Float32Array): Assignment {
  const indices = new Uint32Array(values.length);
  const distances = new Float32Array(values.length);
  const members = new Uint32Array(centroids.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let nearest = 0;
    let least = Infinity;
    for (let k = 0; k < centroids.length; k++) {
      const distance = Math.abs(Math.fround(value - centroids[k]!));
      if (distance < least) {
        least = distance;
        nearest = k;
      }
    }
    indices[i] = nearest;
    distances[i] = least;
    members[nearest]!++;
  }
  return {indices, distances, members};
}

/**
 * `count` numbers from `first` to `last`, both exact and the steps between rounded to float32; `first` alone if there
 * is one.
 */
export function evenlySpaced(first: number, last: number, count: number): Float32Array {
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  const spaced = new Float32Array(count);
  for (let i = 0; i < count; i++) spaced[i] = first + Math.fround(step * i);
  spaced[count - 1] = last;
  spaced[0] = first;
  return spaced;
}

/** The least and the largest of some values. */
export function rangeOf(values: Float32Array): {readonly least: number; readonly largest: number} {
  let least = Infinity;
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return {least, largest};
}

/** Centroids evenly spaced from the least value to the largest. */
export function linearCentroids(values: Float32Array, clusters: number): Float32Array {
  const {least, largest} = rangeOf(values);
  return evenlySpaced(least, largest, clusters);
}

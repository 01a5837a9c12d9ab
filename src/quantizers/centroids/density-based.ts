import {evenlySpaced, rangeOf} from './linear.ts';

/** How far beyond the values the grid reaches, at most. */
const GAP = Math.fround(0.01);
const GRID_POINTS = 30;
/**
 * What the Python toolkit divides by where it follows a line back: its distance of two points is negative, and held to
 * this.
 */
const LEAST_DISTANCE = Math.fround(0.001);

/**
 * Centroids where the cumulative distribution of the values first exceeds equally spaced probabilities, on a grid of 30
 * points: more where values are dense. At most 30 are different, and the last lies beyond the largest value.
 *
 * @param besideZero Whether the values lie on one side of zero, which the grid must not reach.
 */
export function densityCentroids(values: Float32Array, clusters: number, besideZero: boolean): Float32Array {
  const {least, largest} = rangeOf(values);
  const gap = besideZero ? Math.min(GAP, Math.min(Math.abs(least), Math.abs(largest)) / 2) : GAP;
  const grid = evenlySpaced(Math.fround(least - gap), Math.fround(largest + gap), GRID_POINTS);
  const distribution = distributionAt(grid, values);
  const probabilities = evenlySpaced(Math.fround(0.01), 1, clusters);
  return probabilities.map(probability => {
    const found = distribution.findIndex(each => each > probability);
    const index = found < 0 ? GRID_POINTS - 1 : found;
    const point = grid[index]!;
    const [before, here] = [distribution[Math.max(index - 1, 0)]!, distribution[index]!];
    if (before === here) return point;
    const slope = Math.fround(Math.fround(before - here) / LEAST_DISTANCE);
    const offset = Math.fround(here - Math.fround(point * slope));
    return Math.fround(Math.fround(here - offset) / slope);
  });
}

/** The share of values that are at most each point of an ascending grid. */
function distributionAt(grid: Float32Array, values: Float32Array): Float32Array {
  const firstAbove = new Uint32Array(grid.length + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let [low, high] = [0, grid.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (grid[middle]! >= value) high = middle;
      else low = middle + 1;
    }
    firstAbove[low]!++;
  }
  const distribution = new Float32Array(grid.length);
  let count = 0;
  for (let i = 0; i < grid.length; i++) {
    count += firstAbove[i]!;
    distribution[i] = count / values.length;
  }
  return distribution;
}

import type {Points} from './clusters.ts';

/** Up to so many different values a clustering is exact. */
const EXACT_POINTS = 4096;
const BINS = 8192;

/**
 * The different values and how often each occurs, or null when there are more than 4,096.
 *
 * @param without A value that is left out.
 */
export function distinctPoints(values: Float32Array, without?: number): Points | null {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === without) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > EXACT_POINTS) return null;
  }
  const positions = Float64Array.from(counts.keys()).sort();
  return {positions, counts: positions.map(position => counts.get(position)!)};
}

/**
 * The values in 8,192 equal bins: each bin's mean and count. Empty bins are left out.
 *
 * @param without A value that is left out.
 */
export function binnedPoints(values: Float32Array, without?: number): Points {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  const counts = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  const factor = BINS / (high - low);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === without) continue;
    const bin = Math.min(BINS - 1, Math.floor((value - low) * factor));
    counts[bin]!++;
    sums[bin]! += value;
  }
  const used = Uint32Array.from(counts.keys()).filter(bin => counts[bin]! > 0);
  const taken = Float64Array.from(used, bin => counts[bin]!);
  return {positions: Float64Array.from(used, bin => sums[bin]! / counts[bin]!), counts: taken};
}

import type {Histogram} from './facts.ts';

const BINS = 41;

/**
 * Counts the values of a weight that are finite and not zero, in bins of one width from the smallest to the largest;
 * the middle one is around zero where values lie on both sides of it.
 *
 * @returns Undefined where there is none.
 */
export function histogramOf(values: Float32Array): Histogram | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  // Symmetric, so that the gap that pruning leaves around zero is in the middle.
  const largest = Math.max(-low, high);
  const [min, max] = low < 0 && high > 0 ? [-largest, largest] : [low, high];
  const counts = new Array<number>(min === max ? 1 : BINS).fill(0);
  const scale = min === max ? 0 : counts.length / (max - min);
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    counts[Math.min(counts.length - 1, Math.floor((value - min) * scale))]!++;
  }
  return {min, max, counts};
}

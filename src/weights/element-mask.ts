import {keepCount} from './keep-count.ts';
import {kthMagnitude} from './kth-magnitude.ts';
import type {WeightMask} from './mask.ts';

/**
 * Keeps the largest magnitudes, exactly `keepCount(weights.length, sparsity)` of them. Among equals the lower index
 * wins, so the same input gives the same mask everywhere.
 *
 * @param weights Finite values; not changed.
 * @param sparsity Fraction to remove, in [0, 1).
 */
export function elementMask(weights: Float32Array, sparsity: number): WeightMask {
  if (weights.length === 0) return {mask: new Float32Array(0), threshold: 0, kept: 0};
  const kept = keepCount(weights.length, sparsity);
  const kth = kthMagnitude(weights, kept);
  const bits = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
  const mask = new Float32Array(weights.length);
  let ties = kth.ties;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude > kth.bits) mask[i] = 1;
    else if (magnitude === kth.bits && ties > 0) {
      mask[i] = 1;
      ties--;
    }
  }
  const threshold = new Float32Array(Int32Array.of(kth.bits).buffer)[0]!;
  return {mask, threshold, kept};
}

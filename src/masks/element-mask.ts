import {keepCount} from './keep-count.ts';
import {kthMagnitude, TOP_SHIFT, topBucket} from './kth-magnitude.ts';
import {firstNonFinite} from './statistics.ts';
import type {WeightMask} from './weight-mask.ts';

/** 1 as float32 bits. */
const ONE_BITS = 0x3f800000;

/**
 * Keeps the largest magnitudes, exactly `keepCount(scores.length, sparsity)` of them.
 *
 * @param scores What weights are ranked by: the magnitude of a score counts, so weights are scores themselves. Not
 *     changed.
 * @param sparsity Fraction to remove, in [0, 1).
 */
export function elementMask(scores: Float32Array, sparsity: number): WeightMask {
  return largestMask(scores, keepCount(scores.length, sparsity));
}

/**
 * Keeps the `kept` largest magnitudes. Among equals the lower index wins, so the same input gives the same mask
 * everywhere.
 *
 * @param scores What weights are ranked by: the magnitude of a score counts, so weights are scores themselves. Not
 *     changed.
 * @param kept 0 to `scores.length`; of no scores nothing is kept.
 */
export function largestMask(scores: Float32Array, kept: number): WeightMask {
  if (kept === 0 || scores.length === 0)
    return {mask: new Float32Array(scores.length), threshold: 0, kept: 0, finite: firstNonFinite(scores) < 0};
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const {bucket, rest, count, finite} = topBucket(bits, kept);
  const mask = new Float32Array(scores.length);
  const magnitudes = new Int32Array(count);
  const places = new Uint32Array(count);
  // One pass decides all but the bucket of the k-th largest. The mask is written without a branch, because at 90 %
  // sparsity a processor guesses one weight in ten wrong: the sign of the difference selects 1.
  const maskBits = new Int32Array(mask.buffer);
  const ceiling = (bucket << TOP_SHIFT) | ((1 << TOP_SHIFT) - 1);
  let found = 0;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    maskBits[i] = ((ceiling - magnitude) >> 31) & ONE_BITS;
    if (magnitude >>> TOP_SHIFT === bucket) {
      magnitudes[found] = magnitude;
      places[found++] = i;
    }
  }
  const kth = kthMagnitude(new Float32Array(magnitudes.buffer), rest);
  let ties = kth.tiesKept;
  for (let i = 0; i < found; i++) {
    const magnitude = magnitudes[i]!;
    if (magnitude > kth.bits || (magnitude === kth.bits && ties-- > 0)) mask[places[i]!] = 1;
  }
  const threshold = new Float32Array(Int32Array.of(kth.bits).buffer)[0]!;
  return {mask, threshold, kept, finite};
}

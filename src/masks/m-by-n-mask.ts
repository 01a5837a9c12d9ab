import type {MByNPattern} from './pattern.ts';
import {firstNonFinite} from './statistics.ts';
import type {WeightMask} from './weight-mask.ts';

/** The toolkit's stand-in where no single threshold exists; kept so that saved models mean the same. */
const NO_THRESHOLD = 999;

/**
 * Removes the `m` smallest magnitudes of every `n` consecutive weights along an axis. Among equals the lower index
 * survives; a short last group of `r` weights keeps `min(r, n - m)`.
 *
 * @param shape Of rank 2 or more.
 * @returns `threshold` is 999: each group has its own.
 */
export function mByNMask(scores: Float32Array, shape: readonly number[], pattern: MByNPattern): WeightMask {
  const {m, n, axis = shape.length - 2} = pattern;
  const length = shape[axis] ?? 1;
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const mask = new Float32Array(scores.length);
  let kept = 0;
  for (let start = 0; start < scores.length; start += length * stride) {
    for (let first = 0; first < length; first += n) {
      const size = Math.min(n, length - first);
      const keep = Math.min(size, n - m);
      for (let lane = 0; lane < stride; lane++) {
        keepLargest(scores, mask, start + first * stride + lane, stride, size, keep);
      }
      kept += keep * stride;
    }
  }
  return {mask, threshold: NO_THRESHOLD, kept, finite: firstNonFinite(scores) < 0};
}

/** Marks the `keep` largest of `size` strided weights; a weight survives when fewer than `keep` rank before it. */
function keepLargest(
  scores: Float32Array,
  mask: Float32Array,
  start: number,
  stride: number,
  size: number,
  keep: number,
): void {
  for (let i = 0; i < size; i++) {
    const magnitude = Math.abs(scores[start + i * stride]!);
    let before = 0;
    for (let j = 0; j < size; j++) {
      const other = Math.abs(scores[start + j * stride]!);
      if (other > magnitude || (other === magnitude && j < i)) before++;
    }
    if (before < keep) mask[start + i * stride] = 1;
  }
}

import {blockMask} from './block-mask.ts';
import {elementMask} from './element-mask.ts';
import {mByNMask} from './m-by-n-mask.ts';
import type {Pattern} from './pattern.ts';
import type {WeightMask} from './weight-mask.ts';

/**
 * The mask of a weight: what the pattern keeps of it at a sparsity, by scores. Deterministic (among equals the lower
 * index wins) and exact (never one more nor fewer than asked).
 *
 * @param scores What weights are ranked by, in their row-major order: the magnitude of a score counts, so weights are
 *     scores themselves. Not changed.
 * @param shape The weight's shape; block and m:n patterns need rank 2 or more.
 * @param sparsity Fraction to remove, in [0, 1); an m:n pattern does not look at it.
 */
export function computeMask(
  scores: Float32Array,
  shape: readonly number[],
  pattern: Pattern,
  sparsity: number,
): WeightMask {
  switch (pattern.type) {
    case 'element':
      return elementMask(scores, sparsity);
    case 'block':
      return blockMask(scores, shape, pattern, sparsity);
    case 'm-by-n':
      return mByNMask(scores, shape, pattern);
  }
}

import {largestMask} from './element-mask.ts';
import {keepCount} from './keep-count.ts';

/** A weight that shares a budget of non-zeros with others. */
export interface Contender {
  readonly name: string;
  readonly shape: readonly number[];
  /** What its elements are ranked by; their magnitudes count. */
  readonly scores: Float32Array;
}

/**
 * How many elements each weight keeps, by name, at a sparsity over all of them. Counts and not shares, so that totals
 * are exact.
 */
export type Allocation = (weights: readonly Contender[], sparsity: number) => ReadonlyMap<string, number>;

/** Every weight keeps the same share. */
export const uniformAllocation: Allocation = (weights, sparsity) =>
  new Map(weights.map(({name, scores}) => [name, scores.length === 0 ? 0 : keepCount(scores.length, sparsity)]));

/**
 * All weights are ranked together, and each keeps at least `minKept` of its elements. The total is that of the
 * sparsity, unless the floors alone ask for more.
 *
 * @param minKept Share of each weight that stays, 0 to 1. A weight whose scores are all small would otherwise be
 *     emptied, and a network with an empty layer answers the same to everything.
 */
export function globalAllocation(minKept: number): Allocation {
  return (weights, sparsity) => {
    const total = weights.reduce((sum, {scores}) => sum + scores.length, 0);
    const floors = new Map(weights.map(({name, scores}) => [name, Math.ceil(scores.length * minKept)]));
    const counts = new Map<string, number>();
    let left = total === 0 ? 0 : keepCount(total, sparsity);
    let open = weights;
    // Each round settles the weights that would fall below their floor; the others share what is left.
    for (;;) {
      const ranked = rankedTogether(open, left);
      const settled = open.filter(({name}) => ranked.get(name)! < floors.get(name)!);
      if (settled.length === 0) return new Map([...counts, ...ranked]);
      for (const {name} of settled) {
        counts.set(name, floors.get(name)!);
        left -= floors.get(name)!;
      }
      open = open.filter(({name}) => !counts.has(name));
      left = Math.max(0, left);
    }
  };
}

/** How many of the `kept` largest scores each weight has. */
function rankedTogether(weights: readonly Contender[], kept: number): Map<string, number> {
  const all = new Float32Array(weights.reduce((sum, {scores}) => sum + scores.length, 0));
  let offset = 0;
  for (const {scores} of weights) {
    all.set(scores, offset);
    offset += scores.length;
  }
  const {mask} = largestMask(all, Math.min(kept, all.length));
  offset = 0;
  return new Map(
    weights.map(({name, scores}) => {
      let count = 0;
      for (let i = offset; i < offset + scores.length; i++) count += mask[i]!;
      offset += scores.length;
      return [name, count];
    }),
  );
}

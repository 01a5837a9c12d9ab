/**
 * How many of `size` weights survive at a sparsity: `size * (1 - sparsity)` in float32, rounded half to even, at least 1.
 *
 * The float32 product and the rounding are those of tensorflow-model-optimization, so the counts are equal to its own.
 *
 * @param size Number of weights (or blocks) that are ranked together.
 * @param sparsity Fraction to remove, in [0, 1).
 */
export function keepCount(size: number, sparsity: number): number {
  const kept = Math.fround(Math.fround(size) * Math.fround(1 - Math.fround(sparsity)));
  return Math.min(size, Math.max(roundHalfEven(kept), 1));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

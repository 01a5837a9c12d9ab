/** Beyond so many weights float32 no longer holds every whole number. */
const EXACT_IN_FLOAT32 = 2 ** 24;

/**
 * How many of `size` weights survive at a sparsity: `size * (1 - sparsity)`, rounded half to even, at least 1.
 *
 * Up to 2^24 weights the product is taken in float32, as tensorflow-model-optimization does, so the counts are equal to
 * its own; beyond, where float32 would miss the number of weights itself, in double precision.
 *
 * @param size Number of weights (or blocks) that are ranked together.
 * @param sparsity Fraction to remove, in [0, 1).
 */
export function keepCount(size: number, sparsity: number): number {
  const kept =
    size <= EXACT_IN_FLOAT32 ? Math.fround(size * Math.fround(1 - Math.fround(sparsity))) : size * (1 - sparsity);
  return Math.min(size, Math.max(roundHalfEven(kept), 1));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A quantile of ascending values, linear between neighbours. */
export function quantile(ascending: ArrayLike<number>, fraction: number): number {
  const position = (ascending.length - 1) * fraction;
  const below = Math.floor(position);
  const low = ascending[below]!;
  return low + (ascending[Math.min(below + 1, ascending.length - 1)]! - low) * (position - below);
}

/** The least of some samples, their median and their quartiles. */
export interface Quartiles {
  readonly least: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** The quartiles of samples in any order, one at least. */
export function quartilesOf(samples: Iterable<number>): Quartiles {
  const ascending = Float64Array.from(samples).sort();
  return {
    least: ascending[0]!,
    lower: quantile(ascending, 0.25),
    median: quantile(ascending, 0.5),
    upper: quantile(ascending, 0.75),
  };
}

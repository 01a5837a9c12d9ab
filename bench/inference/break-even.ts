/** A ratio of times, peer over ours, at a fraction of zeros. */
export interface Point {
  readonly zeros: number;
  readonly ratio: number;
}

/**
 * The fraction of zeros from which on ours is as fast as a peer: 0 when it always is, `undefined` when it never is.
 * Between two measured fractions the ratio is taken to be linear.
 *
 * @param points In ascending order of zeros.
 */
export function breakEven(points: readonly Point[]): number | undefined {
  const lastSlower = points.map(({ratio}) => ratio < 1).lastIndexOf(true);
  const faster = points[lastSlower + 1];
  if (faster === undefined) return undefined;
  const slower = points[lastSlower];
  if (slower === undefined) return faster.zeros;
  return slower.zeros + ((1 - slower.ratio) / (faster.ratio - slower.ratio)) * (faster.zeros - slower.zeros);
}

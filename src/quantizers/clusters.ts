/** Weighted points on a line, ascending. */
export interface Points {
  readonly positions: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Divides points on a line into `clusters` runs with the least sum of squared distances from the runs' means. Exact: in
 * one dimension an optimal clustering is made of runs, and dynamic programming over their ends finds it. The best start
 * of a run never moves left as its end moves right, which makes each of the `clusters` rounds O(n log n). Source: H.
 * Wang and M. Song, "Ckmeans.1d.dp" (2011), with the divide and conquer of their later versions.
 *
 * @param clusters 1 to the number of points.
 * @returns The mean of each cluster, ascending.
 */
export function optimalClusters({positions, counts}: Points, clusters: number): Float64Array {
  const n = positions.length;
  const sums = prefixSums(positions, counts);
  const starts = Array.from({length: clusters}, () => new Uint32Array(n));
  let best = new Float64Array(n);
  for (let end = 0; end < n; end++) best[end] = squaredErrorOf(sums, 0, end);
  for (let cluster = 1; cluster < clusters; cluster++) {
    const next = new Float64Array(n).fill(Infinity);
    solve(sums, best, next, starts[cluster]!, cluster, cluster, n - 1, cluster, n - 1);
    best = next;
  }
  const means = new Float64Array(clusters);
  let end = n - 1;
  for (let cluster = clusters - 1; cluster >= 0; cluster--) {
    const start = cluster === 0 ? 0 : starts[cluster]![end]!;
    const count = sums.count[end + 1]! - sums.count[start]!;
    means[cluster] = sums.middle + (sums.first[end + 1]! - sums.first[start]!) / count;
    end = start - 1;
  }
  return means;
}

interface PrefixSums {
  /** Positions are taken from here, so that squares of far-off points do not drown the differences. */
  readonly middle: number;
  readonly count: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

function prefixSums(positions: Float64Array, counts: Float64Array): PrefixSums {
  const n = positions.length;
  const middle = (positions[0]! + positions[n - 1]!) / 2;
  const [count, first, second] = [new Float64Array(n + 1), new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const offset = positions[i]! - middle;
    count[i + 1] = count[i]! + counts[i]!;
    first[i + 1] = first[i]! + counts[i]! * offset;
    second[i + 1] = second[i]! + counts[i]! * offset * offset;
  }
  return {middle, count, first, second};
}

/** Sum of squared distances of the points `start` to `end` from their mean. */
function squaredErrorOf({count, first, second}: PrefixSums, start: number, end: number): number {
  const sum = first[end + 1]! - first[start]!;
  return second[end + 1]! - second[start]! - (sum * sum) / (count[end + 1]! - count[start]!);
}

/** Fills `next[low..high]`, whose last clusters start between `from` and `to`: the middle first, then both halves. */
function solve(
  sums: PrefixSums,
  best: Float64Array,
  next: Float64Array,
  starts: Uint32Array,
  first: number,
  low: number,
  high: number,
  from: number,
  to: number,
): void {
  if (low > high) return;
  const end = (low + high) >> 1;
  let chosen = from;
  for (let start = Math.max(from, first); start <= Math.min(to, end); start++) {
    const cost = best[start - 1]! + squaredErrorOf(sums, start, end);
    if (cost < next[end]!) {
      next[end] = cost;
      chosen = start;
    }
  }
  starts[end] = chosen;
  solve(sums, best, next, starts, first, low, end - 1, from, chosen);
  solve(sums, best, next, starts, first, end + 1, high, chosen, to);
}

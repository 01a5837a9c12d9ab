import {TfmotError} from '../errors.ts';
import {optimalClusters} from './clusters.ts';
import {type QuantizationError, quantizationError} from './error.ts';
import {binnedPoints, distinctPoints} from './points.ts';

/** A few values that stand for all of a weight's. */
export interface Codebook {
  /** Entry 0 is zero, the others follow in ascending order; at most as many as were asked for. */
  readonly entries: Float32Array;
  /** The entry of each value; 0 for zeros and for nothing else. */
  readonly indices: Uint8Array;
  readonly error: QuantizationError;
  /** Whether no other codebook of this size has a smaller squared error: see `quantizeCodebook`. */
  readonly optimal: boolean;
}

const REFINEMENTS = 8;
/** Cells of the table that finds the cluster of a value. */
const CELLS = 4096;

/**
 * Quantises a weight to a codebook: k-means on a line, with an entry of its own for zero, so that pruned weights stay
 * zero and no other weight becomes zero.
 *
 * With at most 4,096 different values the squared error is the least possible. With more, the values are first put in
 * 8,192 equal bins; the clustering is the best of all whose borders lie between bins, and Lloyd's rounds over all
 * values then lower its error further. Either way nothing is random.
 *
 * @param values Finite; not changed.
 * @param entries Size of the codebook, zero included: 2 to 256.
 * @throws TfmotError `invalid-argument` for another size.
 */
export function quantizeCodebook(values: Float32Array, entries: number): Codebook {
  if (!Number.isInteger(entries) || entries < 2 || entries > 256) {
    throw new TfmotError('invalid-argument', `A codebook must have 2 to 256 entries, but ${entries} were asked for.`);
  }
  const exact = distinctPoints(values, 0);
  const points = exact ?? binnedPoints(values, 0);
  const clusters = Math.min(entries - 1, points.positions.length);
  let means = clusters === 0 ? new Float64Array(0) : optimalClusters(points, clusters);
  if (exact === null) means = refined(values, means);
  const codebook = Float32Array.of(0, ...means);
  const {indices, restored} = assigned(values, codebook);
  return {entries: codebook, indices, error: quantizationError(values, restored), optimal: exact !== null};
}

/** Lloyd's rounds: each mean moves to the mean of the values nearest to it. Stops when none moves. */
function refined(values: Float32Array, start: Float64Array): Float64Array {
  let means = start;
  for (let round = 0; round < REFINEMENTS; round++) {
    const lookup = lookupOf(means);
    const counts = new Float64Array(means.length);
    const sums = new Float64Array(means.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value === 0) continue;
      const cluster = clusterOf(value, lookup);
      counts[cluster]!++;
      sums[cluster]! += value;
    }
    const moved = means.map((mean, cluster) => (counts[cluster] === 0 ? mean : sums[cluster]! / counts[cluster]!));
    if (moved.every((mean, cluster) => mean === means[cluster])) break;
    means = moved;
  }
  return means;
}

function assigned(values: Float32Array, codebook: Float32Array): {indices: Uint8Array; restored: Float32Array} {
  const lookup = lookupOf(codebook.subarray(1));
  const indices = new Uint8Array(values.length);
  const restored = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    const index = 1 + clusterOf(value, lookup);
    indices[i] = index;
    restored[i] = codebook[index]!;
  }
  return {indices, restored};
}

/** Finds the nearest mean in constant time: a first guess for each cell of the range, then the borders beyond it. */
interface Lookup {
  /** Halfway between neighbours, and infinity behind the last. */
  readonly borders: Float64Array;
  readonly low: number;
  readonly factor: number;
  /** How many borders lie below each cell. */
  readonly first: Uint8Array;
}

function lookupOf(means: ArrayLike<number>): Lookup {
  const count = means.length;
  const borders = Float64Array.from({length: count}, (_, i) =>
    i + 1 < count ? (means[i]! + means[i + 1]!) / 2 : Infinity,
  );
  const low = count > 0 ? means[0]! : 0;
  const factor = count > 1 ? CELLS / (means[count - 1]! - low) : 0;
  const first = new Uint8Array(CELLS);
  for (let cell = 0, cluster = 0; cell < CELLS; cell++) {
    // Half a cell early, so that rounding cannot put a value into a cell whose guess is beyond it.
    while (borders[cluster]! < low + (cell - 0.5) / factor) cluster++;
    first[cell] = cluster;
  }
  return {borders, low, factor, first};
}

function clusterOf(value: number, {borders, low, factor, first}: Lookup): number {
  const cell = (value - low) * factor;
  let cluster = cell < 0 ? 0 : first[cell < CELLS ? cell | 0 : CELLS - 1]!;
  while (value > borders[cluster]!) cluster++;
  return cluster;
}

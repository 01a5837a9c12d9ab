import {type Philox, philox} from './philox.ts';

/**
 * How many draws may fall on chosen values before one of the others is taken; beyond doubt only where distances
 * overflow.
 */
const REDRAWS = 1000;

/**
 * Centroids among the values, each drawn with a probability that grows with the square of its distance from those
 * before (Arthur and Vassilvitskii 2007), the best of several candidates each time. Bit for bit those of TensorFlow's
 * own op at the same seed, in the order of drawing. There are as many as asked for, or as there are values.
 *
 * @param values Finite, at least one.
 */
export function plusPlusCentroids(values: Float32Array, clusters: number, seed: number): Float32Array {
  const count = Math.min(clusters, values.length);
  const random = philox(seed);
  const candidates = 3 + Math.floor(Math.log(count));
  const halfNorms = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) halfNorms[i] = 0.5 * Math.fround(values[i]! * values[i]!);
  const distances = new Float32Array(values.length).fill(Infinity);
  const sums = new Float32Array(values.length);
  const chosen = new Set<number>();
  while (chosen.size < count) {
    const total = chosen.size === 0 ? 0 : prefixSums(distances, sums);
    let best = -1;
    let least = Infinity;
    for (let candidate = 0; candidate < candidates; candidate++) {
      const drawn = draw(random, sums, total, chosen);
      const potential = potentialOf(values, halfNorms, distances, drawn);
      if (best >= 0 && !(potential < least)) continue;
      best = drawn;
      least = potential;
    }
    moveCloser(values, halfNorms, distances, best);
    chosen.add(best);
  }
  return Float32Array.from(chosen, index => values[index]!);
}

/** An index that is not chosen: by the distances where their sum is known and not zero, each as likely otherwise. */
function draw(random: Philox, sums: Float32Array, total: number, chosen: ReadonlySet<number>): number {
  const size = sums.length;
  for (let tries = 0; tries < REDRAWS; tries++) {
    const index = total > 0 ? firstAbove(sums, Math.fround(random.float() * total)) : random.below(size);
    if (!chosen.has(index)) return index;
  }
  let index = random.below(size);
  while (chosen.has(index)) index = (index + 1) % size;
  return index;
}

/** Running sums in float32, and the last of them. */
function prefixSums(distances: Float32Array, sums: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < distances.length; i++) {
    sum = Math.fround(sum + distances[i]!);
    sums[i] = sum;
  }
  return sum;
}

/** The first index whose running sum exceeds a bound; the last where none does. */
function firstAbove(sums: Float32Array, bound: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The sum of all distances, were `candidate` a centroid. */
function potentialOf(
  values: Float32Array,
  halfNorms: Float32Array,
  distances: Float32Array,
  candidate: number,
): number {
  const [point, halfNorm] = [values[candidate]!, halfNorms[candidate]!];
  let potential = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = Math.fround(Math.fround(halfNorms[i]! - Math.fround(values[i]! * point)) + halfNorm);
    potential = Math.fround(potential + Math.min(distance, distances[i]!));
  }
  return potential;
}

function moveCloser(values: Float32Array, halfNorms: Float32Array, distances: Float32Array, index: number): void {
  const [point, halfNorm] = [values[index]!, halfNorms[index]!];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.fround(Math.fround(halfNorms[i]! - Math.fround(values[i]! * point)) + halfNorm);
    if (distance < distances[i]!) distances[i] = distance;
  }
}

/** Float bits are ranked by their exponent and four mantissa bits first: 4,096 buckets, small enough for the L1 cache. */
const TOP_SHIFT = 19;
const TOP_BUCKETS = 1 << 12;
const MIDDLE_SHIFT = 8;
const MIDDLE_BUCKETS = 1 << 11;
const LOW_BUCKETS = 1 << 8;
/** The first bucket of infinities and NaNs. */
const NON_FINITE_BUCKET = 0x7f800000 >>> TOP_SHIFT;

/** Where the k-th largest magnitude lies, and what is to be done with the weights equal to it. */
export interface KthMagnitude {
  /** The magnitude as float32 bits: for non-negative floats they order as the numbers do. */
  readonly bits: number;
  /** How many weights have exactly this magnitude. */
  readonly ties: number;
  /** How many of them belong to the k largest, 1 to `ties`. */
  readonly tiesKept: number;
  /** Whether no weight is NaN or infinite. Where one is, the rest says nothing. */
  readonly finite: boolean;
}

/**
 * Finds the k-th largest |weight| by radix selection on the float32 bits: linear time, no sort, no copy of the weights.
 *
 * @param weights Values of any sign; not changed.
 * @param k 1 (the largest) to `weights.length` (the smallest).
 */
export function kthMagnitude(weights: Float32Array, k: number): KthMagnitude {
  const bits = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
  const length = bits.length;

  // Two histograms in turn: neighbours often share a bucket, and an increment must not wait for the one before it.
  const top = new Uint32Array(TOP_BUCKETS);
  const odd = new Uint32Array(TOP_BUCKETS);
  const even = length & ~1;
  for (let i = 0; i < even; i += 2) {
    top[(bits[i]! & 0x7fffffff) >>> TOP_SHIFT]!++;
    odd[(bits[i + 1]! & 0x7fffffff) >>> TOP_SHIFT]!++;
  }
  if (even < length) top[(bits[even]! & 0x7fffffff) >>> TOP_SHIFT]!++;
  for (let bucket = 0; bucket < TOP_BUCKETS; bucket++) top[bucket]! += odd[bucket]!;
  const finite = top.subarray(NON_FINITE_BUCKET).every(count => count === 0);
  const first = descend(top, k);

  const candidates = new Int32Array(top[first.bucket]!);
  let found = 0;
  for (let i = 0; i < length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude >>> TOP_SHIFT === first.bucket) candidates[found++] = magnitude;
  }

  const middle = new Uint32Array(MIDDLE_BUCKETS);
  for (let i = 0; i < found; i++) middle[(candidates[i]! >>> MIDDLE_SHIFT) & (MIDDLE_BUCKETS - 1)]!++;
  const second = descend(middle, first.rest);

  const prefix = (first.bucket << (TOP_SHIFT - MIDDLE_SHIFT)) | second.bucket;
  const low = new Uint32Array(LOW_BUCKETS);
  for (let i = 0; i < found; i++) {
    if (candidates[i]! >>> MIDDLE_SHIFT === prefix) low[candidates[i]! & (LOW_BUCKETS - 1)]!++;
  }
  const third = descend(low, second.rest);
  return {bits: (prefix << MIDDLE_SHIFT) | third.bucket, ties: low[third.bucket]!, tiesKept: third.rest, finite};
}

/** The bucket that holds the k-th largest, and its rank inside that bucket. */
function descend(counts: Uint32Array, k: number): {bucket: number; rest: number} {
  let rest = k;
  let bucket = counts.length - 1;
  while (bucket > 0 && rest > counts[bucket]!) rest -= counts[bucket--]!;
  return {bucket, rest};
}

/**
 * Float bits are ranked by their exponent and four mantissa bits first: 4,096 buckets, small enough for the L1 cache.
 */
export const TOP_SHIFT = 19;
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
  const top = topBucket(bits, k);
  const candidates = new Int32Array(top.count);
  let found = 0;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude >>> TOP_SHIFT === top.bucket) candidates[found++] = magnitude;
  }

  const middle = new Uint32Array(MIDDLE_BUCKETS);
  for (let i = 0; i < found; i++) middle[(candidates[i]! >>> MIDDLE_SHIFT) & (MIDDLE_BUCKETS - 1)]!++;
  const second = descend(middle, top.rest);

  const prefix = (top.bucket << (TOP_SHIFT - MIDDLE_SHIFT)) | second.bucket;
  const low = new Uint32Array(LOW_BUCKETS);
  for (let i = 0; i < found; i++) {
    if (candidates[i]! >>> MIDDLE_SHIFT === prefix) low[candidates[i]! & (LOW_BUCKETS - 1)]!++;
  }
  const third = descend(low, second.rest);
  return {
    bits: (prefix << MIDDLE_SHIFT) | third.bucket,
    ties: low[third.bucket]!,
    tiesKept: third.rest,
    finite: top.finite,
  };
}

/** The bucket of magnitudes with the same upper bits that holds the k-th largest. */
export interface TopBucket {
  /** The upper bits: magnitude `>>> TOP_SHIFT`. */
  readonly bucket: number;
  /** The rank of the k-th largest inside the bucket, 1 to `count`. */
  readonly rest: number;
  /** How many magnitudes the bucket holds. */
  readonly count: number;
  /** Whether no magnitude at all is NaN or infinite. */
  readonly finite: boolean;
}

/** Narrows the k-th largest magnitude down to its upper bits, in one pass. */
export function topBucket(bits: Int32Array, k: number): TopBucket {
  // Two histograms in turn: neighbours often share a bucket, and an increment must not wait for the one before it.
  const top = new Uint32Array(TOP_BUCKETS);
  const odd = new Uint32Array(TOP_BUCKETS);
  const even = bits.length & ~1;
  for (let i = 0; i < even; i += 2) {
    top[(bits[i]! & 0x7fffffff) >>> TOP_SHIFT]!++;
    odd[(bits[i + 1]! & 0x7fffffff) >>> TOP_SHIFT]!++;
  }
  if (even < bits.length) top[(bits[even]! & 0x7fffffff) >>> TOP_SHIFT]!++;
  for (let bucket = 0; bucket < TOP_BUCKETS; bucket++) top[bucket]! += odd[bucket]!;
  const finite = top.subarray(NON_FINITE_BUCKET).every(count => count === 0);
  const {bucket, rest} = descend(top, k);
  return {bucket, rest, count: top[bucket]!, finite};
}

/** The bucket that holds the k-th largest, and its rank inside that bucket. */
function descend(counts: Uint32Array, k: number): {bucket: number; rest: number} {
  let rest = k;
  let bucket = counts.length - 1;
  while (bucket > 0 && rest > counts[bucket]!) rest -= counts[bucket--]!;
  return {bucket, rest};
}

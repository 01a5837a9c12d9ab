/** How many values are not zero; -0 counts as zero. */
export function countNonZeros(weights: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) count++;
  return count;
}

/** Index of the first NaN or infinity, -1 when all values are finite. */
export function firstNonFinite(weights: Float32Array): number {
  const bits = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7f800000) === 0x7f800000) return i;
  return -1;
}

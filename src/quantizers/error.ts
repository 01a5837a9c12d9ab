/** How far quantised values are from the originals. */
export interface QuantizationError {
  /** The largest absolute difference. */
  readonly largest: number;
  /** The mean of the squared differences. */
  readonly meanSquared: number;
  /** Root of the mean squared difference over that of the values: 0.01 is 40 dB. 0 where all values are zero. */
  readonly relative: number;
}

/**
 * Compares original values with what their quantised form decodes to.
 *
 * @param restored As many values as `original` has.
 */
export function quantizationError(original: Float32Array, restored: Float32Array): QuantizationError {
  let largest = 0;
  let squared = 0;
  let power = 0;
  for (let i = 0; i < original.length; i++) {
    const value = original[i]!;
    const difference = Math.abs(value - restored[i]!);
    if (difference > largest) largest = difference;
    squared += difference * difference;
    power += value * value;
  }
  const meanSquared = original.length === 0 ? 0 : squared / original.length;
  return {largest, meanSquared, relative: power === 0 ? 0 : Math.sqrt(squared / power)};
}

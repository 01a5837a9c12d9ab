import {TfmotError} from '../errors.ts';
import {quantizeCodebook} from './codebook.ts';
import {type QuantizationError, quantizationError} from './error.ts';
import {chooseLevels} from './rate-distortion.ts';

/** How to quantise one weight. */
export type WeightQuantizer =
  | {readonly method: 'step'; readonly step: number; readonly lambda: number}
  | {readonly method: 'codebook'; readonly entries: number};

/** A quantised weight: its new values, float32, and how far they are from the old. */
export interface QuantizedValues {
  readonly values: Float32Array;
  readonly error: QuantizationError;
  /** The values are multiples of it; undefined for a codebook. */
  readonly step?: number;
}

/** Levels beyond would not all be exact in float32. */
const LEVEL_MAX = 2 ** 22;

/**
 * Quantises a weight. Zeros, and weights that are all zero, stay as they are.
 *
 * @param columns Length of a row, which the cost of a level depends on.
 * @throws TfmotError `invalid-argument` for a step so small that its levels are not exact.
 */
export function quantizeWeight(values: Float32Array, columns: number, quantizer: WeightQuantizer): QuantizedValues {
  const restored = new Float32Array(values.length);
  if (quantizer.method === 'codebook') {
    const {entries, indices} = quantizeCodebook(values, quantizer.entries);
    for (let i = 0; i < values.length; i++) restored[i] = entries[indices[i]!]!;
    return {values: restored, error: quantizationError(values, restored)};
  }
  const step = Math.fround(quantizer.step);
  const largest = largestMagnitude(values);
  // A step below the smallest normal number would lose levels to rounding.
  if (!(largest / step <= LEVEL_MAX && step >= 2 ** -126)) {
    throw new TfmotError(
      'invalid-argument',
      `A step must be at least ${2 ** -126} and the largest weight at most ${LEVEL_MAX} steps, but the step is ${step} and the weight ${largest}. Take a larger step.`,
    );
  }
  const levels = chooseLevels(values, columns, step, quantizer.lambda);
  for (let i = 0; i < values.length; i++) restored[i] = levels[i]! * step;
  return {values: restored, error: quantizationError(values, restored), step};
}

/** The largest absolute value; 0 of none. */
export function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** The root mean square of the values that are not zero; 0 of none. */
export function rootMeanSquare(values: Float32Array): number {
  let power = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    power += value * value;
    count++;
  }
  return count === 0 ? 0 : Math.sqrt(power / count);
}

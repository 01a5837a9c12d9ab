import {TfmotError} from '../errors.ts';
import {type QuantizationError, quantizationError} from './error.ts';

/** Signed levels that stand for `level * scale` of their channel. Zero is level 0. */
export interface SymmetricLevels {
  readonly levels: Int8Array;
  /** One for each channel; a channel of zeros has scale 1. */
  readonly scales: Float32Array;
  readonly error: QuantizationError;
}

/** How `quantizeSymmetric` divides a weight. */
export interface SymmetricOptions {
  /** Bits of a level, 2 to 8: levels reach from `-(2 ** (bits - 1) - 1)` to as much above zero. */
  readonly bits?: number;
  /**
   * The axis whose entries have a scale each, or null for one scale; of a Keras kernel the last axis is the outputs.
   */
  readonly axis?: number | null;
}

/**
 * Quantises a weight around zero, with one scale or one for each channel: the largest magnitude gets the last level.
 *
 * @param values Finite, row-major; not changed. Its length is the product of `shape`.
 * @throws TfmotError `invalid-argument` for bits or an axis that do not exist.
 *
 * @example
 * const {levels, scales} = quantizeSymmetric(kernel, [3136, 1024], {axis: 1}); // 1024 scales
 */
export function quantizeSymmetric(
  values: Float32Array,
  shape: readonly number[],
  {bits = 8, axis = null}: SymmetricOptions = {},
): SymmetricLevels {
  if (!Number.isInteger(bits) || bits < 2 || bits > 8) {
    throw new TfmotError('invalid-argument', `bits must be a whole number from 2 to 8, but is ${bits}.`);
  }
  if (axis !== null && (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)) {
    throw new TfmotError('invalid-argument', `axis must be one of the ${shape.length} of [${shape}], but is ${axis}.`);
  }
  const last = 2 ** (bits - 1) - 1;
  const channels = axis === null ? 1 : shape[axis]!;
  const inner = axis === null ? values.length : shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const scales = scalesOf(values, channels, inner, last);
  const levels = new Int8Array(values.length);
  const restored = new Float32Array(values.length);
  for (let start = 0, channel = 0; start < values.length; start += inner) {
    const scale = scales[channel]!;
    for (let i = start; i < start + inner; i++) {
      // The scale is rounded to float32, so the largest value may lie a hair above the last level.
      const level = Math.max(-last, Math.min(last, Math.round(values[i]! / scale)));
      levels[i] = level;
      restored[i] = level * scale;
    }
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
  return {levels, scales, error: quantizationError(values, restored)};
}

/** What symmetric levels stand for. */
export function dequantizeSymmetric(
  {levels, scales}: Pick<SymmetricLevels, 'levels' | 'scales'>,
  shape: readonly number[],
  axis: number | null = null,
): Float32Array {
  const inner = axis === null ? levels.length : shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const values = new Float32Array(levels.length);
  for (let start = 0, channel = 0; start < levels.length; start += inner) {
    for (let i = start; i < start + inner; i++) values[i] = levels[i]! * scales[channel]!;
    channel = channel + 1 === scales.length ? 0 : channel + 1;
  }
  return values;
}

function scalesOf(values: Float32Array, channels: number, inner: number, last: number): Float32Array {
  const scales = new Float32Array(channels);
  for (let start = 0, channel = 0; start < values.length; start += inner) {
    let largest = scales[channel]!;
    for (let i = start; i < start + inner; i++) {
      const magnitude = Math.abs(values[i]!);
      if (magnitude > largest) largest = magnitude;
    }
    scales[channel] = largest;
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
  // A scale that underflows to zero would divide by zero: then all levels are zero anyway.
  for (let i = 0; i < channels; i++) scales[i] = scales[i]! / last || 1;
  return scales;
}

import {TfmotError} from '../../../../errors.ts';
import type {Quantization} from '../file-model.ts';

/** The smallest and the largest number that a tensor holds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Numbers closer to zero than this are zero: a step must be a normal float. */
const SMALLEST_STEP = 2 ** -60;

/**
 * The grid of 256 levels over a range, which is widened to hold zero, and zero is a level.
 *
 * @param name The tensor, for the message.
 * @throws TfmotError `invalid-input` for a range that is not finite: the model made such numbers of the data.
 */
export function gridOver(name: string, {min, max}: Range): Quantization {
  if (!Number.isFinite(min) || !Number.isFinite(max))
    throw new TfmotError(
      'invalid-input',
      `fullInteger needs finite numbers everywhere, but the output of '${name}' reaches from ${min} to ${max}. Look at the data, and at the model's weights.`,
    );
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  const scale = Math.fround(Math.max((high - low) / 255, SMALLEST_STEP));
  return {scales: [scale], zeroPoints: [clampLevel(-128 - low / scale)], dimension: 0};
}

/** The grid around zero over a range. */
export function symmetricGrid(values: Float32Array): Quantization {
  const largest = values.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
  return {scales: [Math.fround(Math.max(largest / 127, SMALLEST_STEP))], zeroPoints: [0], dimension: 0};
}

/** The levels of numbers on a grid with one step; what lies outside becomes the first or last level. */
export function levelsOf(values: Float32Array, {scales, zeroPoints}: Quantization): Int8Array {
  const [scale] = scales as [number];
  const [zeroPoint] = zeroPoints as [number];
  return Int8Array.from(values, value => clampLevel(value / scale + zeroPoint));
}

/** The range of some numbers and zero. */
export function rangeOfValues(values: ArrayLike<number>): Range {
  let [min, max] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  return {min, max};
}

/** Whether two grids of one step each are the same. */
export function equalGrids(a: Quantization, b: Quantization): boolean {
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}

function clampLevel(level: number): number {
  return Math.max(-128, Math.min(127, Math.round(level)));
}

import type {Quantization} from '../file-model.ts';

/** Levels of a bias stay below this. */
const MAX_BIAS_LEVEL = 2 ** 30;

/** Steps below this would make the products' steps vanish. */
const SMALLEST_STEP = 2 ** -40;

/**
 * The grid of a kernel: levels -127 to 127, a step for each output channel, wide enough that the levels of every bias
 * that is added to its products fit 32 bits.
 *
 * @param content Row-major, of `shape`; output channels lie along dimension `channels`.
 * @param biases What operators with this kernel add, with the step of their input.
 */
export function kernelGrid(
  content: Float32Array,
  shape: readonly number[],
  channels: number,
  biases: readonly {readonly values: Float32Array; readonly step: number}[],
): Quantization {
  const count = shape[channels]!;
  const inner = innerOf(shape, channels);
  const largest = new Float64Array(count);
  for (let i = 0; i < content.length; i++) {
    const channel = Math.floor(i / inner) % count;
    largest[channel] = Math.max(largest[channel]!, Math.abs(content[i]!));
  }
  const scales = Array.from(largest, (magnitude, channel) => {
    const needed = biases.map(({values, step}) => Math.abs(values[channel]!) / step / MAX_BIAS_LEVEL);
    return Math.fround(Math.max(magnitude / 127, SMALLEST_STEP, ...needed));
  });
  return {scales, zeroPoints: scales.map(() => 0), dimension: channels};
}

/** The levels of a kernel on its grid. */
export function kernelLevels(
  content: Float32Array,
  shape: readonly number[],
  {scales, dimension}: Quantization,
): Int8Array {
  const inner = innerOf(shape, dimension);
  return Int8Array.from(content, (value, i) => {
    const level = Math.round(value / scales[Math.floor(i / inner) % scales.length]!);
    return Math.max(-127, Math.min(127, level));
  });
}

/** A bias on the steps of the products it is added to, which is what runtimes take it for, whatever the file says. */
export function biasOn(
  values: Float32Array,
  step: number,
  kernel: Quantization,
): {content: Int32Array; quantization: Quantization} {
  const scales = kernel.scales.map(scale => Math.fround(scale * step));
  return {
    content: Int32Array.from(values, (value, channel) => Math.round(value / (kernel.scales[channel]! * step))),
    quantization: {scales, zeroPoints: scales.map(() => 0), dimension: 0},
  };
}

function innerOf(shape: readonly number[], dimension: number): number {
  return shape.slice(dimension + 1).reduce((product, size) => product * size, 1);
}

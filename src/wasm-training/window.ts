/** How the gradient of one spatial dimension is cut into a stride-1 convolution; all counts in positions. */
export interface Window1D {
  /** Filter taps that one remainder modulo the stride sees. */
  readonly taps: number;
  /** The part of `dy` that reaches the input. */
  readonly crop: {readonly before: number; readonly size: number};
  /** Zeros around that part. */
  readonly pad: [number, number];
  /** Positions of the convolution's result, one for `stride` input positions. */
  readonly size: number;
  /** Where the input starts in the interleaved result. */
  readonly offset: number;
}

/**
 * Plans the input gradient of a strided convolution along one dimension. Input position `i` with
 * `i + padBefore = q * stride + r` receives `sum over j of dy[q - j] * filter[r + j * stride]`.
 *
 * @param input Positions of the input.
 * @param output Positions of `dy`.
 * @param filter Taps of the filter.
 * @param padBefore Zeros before the input in the forward pass.
 */
export function window1D(input: number, output: number, filter: number, stride: number, padBefore: number): Window1D {
  const taps = Math.ceil(filter / stride);
  const first = Math.floor(padBefore / stride);
  const size = Math.floor((input - 1 + padBefore) / stride) - first + 1;
  const before = taps - 1 - first;
  const after = size - 1 + first - (output - 1);
  const crop = {
    before: Math.max(0, -before),
    size: output - Math.max(0, -before) - Math.max(0, -after),
  };
  return {taps, crop, pad: [Math.max(0, before), Math.max(0, after)], size, offset: padBefore - first * stride};
}

import type {Kernels} from './signatures.generated.ts';

/**
 * A weight matrix `[inputs, outputs]`, row-major: a dense kernel, or a convolution kernel with its first axes as one.
 */
export interface WeightMatrix {
  readonly values: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
}

/** How weights are stored: single non-zeros, blocks `[1, 4]` (four outputs), blocks `[4, 1]` (four inputs), or all. */
export type WeightFormat = 'csr' | 'block' | 'inputBlock' | 'dense';

/**
 * The kernels that read packed weights of one feature vector, and of planes. Their names end with what one turn of the
 * inner loop computes: outputs x inputs of a vector, outputs x pixels of planes.
 */
export type VectorKernel = 'csrVector1x4' | 'blockVector4x1' | 'inputBlockVector1x4' | 'denseVector4x1';
export type PixelsKernel = 'csrPixels1x28' | 'blockPixels4x8' | 'densePixels4x8';

/** Packed weights: bytes to write at any aligned offset of an engine's memory. */
export interface PackedWeights<K extends keyof Kernels = keyof Kernels> {
  /** The kernel that reads them. */
  readonly kernel: K;
  readonly format: WeightFormat;
  readonly bytes: Uint8Array;
  /** Weights other than zero. */
  readonly nonZeros: number;
  /** Weights multiplied for one pixel or vector: the non-zeros and what shares their blocks. */
  readonly multiplied: number;
}

/** Where the `...Pixels` kernels read and write: packed in with the weights. */
export interface PixelsGeometry {
  /** Bytes from `x` to the first pixel that matrix row `i` multiplies. */
  readonly inputOffsets: Uint32Array;
  /** Bytes from output plane to output plane. */
  readonly outputStride: number;
}

/** A growing position in bytes that are read as floats and as integers. */
export interface Sheet {
  readonly bytes: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
}

/** Zeroed bytes, rounded up to whole vectors, with their typed views. */
export function sheetOf(length: number): Sheet {
  const buffer = new ArrayBuffer(Math.ceil(length / 16) * 16);
  return {
    bytes: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
  };
}

/** How many of `values` are not zero. */
export function countNonZeros(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}

/**
 * Positions `0 .. counts.length - 1`, those with the larger count first, equals by index: loops of equal length follow
 * one another.
 */
export function longestFirst(counts: Uint32Array): Uint32Array {
  let longest = 0;
  for (const count of counts) longest = Math.max(longest, count);
  const starts = new Uint32Array(longest + 2);
  for (const count of counts) starts[longest - count + 1]!++;
  for (let i = 0; i <= longest; i++) starts[i + 1]! += starts[i]!;
  const order = new Uint32Array(counts.length);
  for (let i = 0; i < counts.length; i++) order[starts[longest - counts[i]!]!++] = i;
  return order;
}

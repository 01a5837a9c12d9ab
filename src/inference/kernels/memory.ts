/** Regions start at multiples of this many bytes, one cache line. */
export const ALIGNMENT = 64;

/** How many bytes past the end of their input the `...Pixels` kernels may read, without using what they read. */
export const READ_SLACK = 1024;

/** `bytes` rounded up to the next multiple of {@link ALIGNMENT}: what a region of that many bytes takes. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * Bytes from plane to plane for planes of `pixels` floats: aligned, and never a multiple of 2048, which would put the
 * same pixel of all channels into a few sets of a first-level cache.
 */
export function planeStrideOf(pixels: number): number {
  const bytes = Math.ceil(pixels / 4) * 16;
  return bytes % 2048 === 0 ? bytes + 64 : bytes;
}

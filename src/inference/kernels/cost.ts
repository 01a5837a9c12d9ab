import {BLOCK_WIDE_TILE, CSR_MIDDLE_TILE, CSR_WIDE_TILE, TILE} from './contract.generated.ts';
import type {WeightFormat} from './packed.ts';

/** What a product costs depends on. */
export interface ProductSize {
  readonly outputs: number;
  /** Weights the format multiplies: `multiplied` of the packed weights. */
  readonly multiplied: number;
  /** Pixels (or vectors of a batch) of the `...Pixels` kernels; null for one vector. */
  readonly pixels: number | null;
}

/** Nanoseconds of one tile of pixels: for each row (or group of four outputs), and for each entry (or block). */
interface TileCost {
  readonly row: number;
  readonly unit: number;
}

// Least squares over 150 products, plain SIMD, Node 20, one core of a Xeon (Sapphire Rapids): within 5 to 9 % on
// average. What matters is how they compare.
const CSR_TILES: Readonly<Record<'wide' | 'middle' | 'narrow', TileCost>> = {
  wide: {row: 2.57, unit: 1.48},
  middle: {row: 2.05, unit: 0.85},
  narrow: {row: 1.05, unit: 0.44},
};
const BLOCK_TILES: Readonly<Record<'wide' | 'narrow', TileCost>> = {
  wide: {row: 2.95, unit: 1.42},
  narrow: {row: 3.19, unit: 0.86},
};
/** One vector: nanoseconds for each row or group, for each four weights, and bytes a weight. */
const VECTOR: Readonly<Record<WeightFormat, TileCost & {readonly bytes: number; readonly outputs: 1 | 4}>> = {
  csr: {row: 2.35, unit: 0.71, bytes: 6, outputs: 1},
  block: {row: 2.26, unit: 0.31, bytes: 4.5, outputs: 4},
  inputBlock: {row: 2.65, unit: 0.28, bytes: 4.5, outputs: 1},
  dense: {row: 2.26, unit: 0.3, bytes: 4, outputs: 4},
};
/**
 * Weights of one vector beyond a second-level cache come at the speed of the next: bytes that fit, nanoseconds a byte
 * beyond.
 */
const CACHED_BYTES = 1.2e6;
const BYTE = 0.018;

/**
 * Estimated nanoseconds of one product in a format, to compare formats of one layer with each other.
 *
 * @example
 * // 128 -> 128 channels at 90 % zeros over 56 x 56 pixels
 * estimateNs('csr', {outputs: 128, multiplied: 1638, pixels: 3136});
 */
export function estimateNs(format: WeightFormat, {outputs, multiplied, pixels}: ProductSize): number {
  if (pixels === null) {
    const {row, unit, bytes, outputs: perRow} = VECTOR[format];
    const beyond = Math.max(0, multiplied * bytes - CACHED_BYTES);
    return Math.ceil(outputs / perRow) * row + (multiplied / 4) * unit + beyond * BYTE;
  }
  if (format === 'inputBlock') return Number.POSITIVE_INFINITY;
  if (format === 'csr') {
    const {wide, middle, narrow} = csrTiles(pixels);
    return (
      wide * tileNs(CSR_TILES.wide, outputs, multiplied) +
      middle * tileNs(CSR_TILES.middle, outputs, multiplied) +
      narrow * tileNs(CSR_TILES.narrow, outputs, multiplied)
    );
  }
  const groups = Math.ceil(outputs / 4);
  const count = Math.ceil(pixels / TILE) * TILE;
  const wide = Math.floor(count / BLOCK_WIDE_TILE);
  return (
    wide * tileNs(BLOCK_TILES.wide, groups, multiplied / 4) +
    ((count - wide * BLOCK_WIDE_TILE) / TILE) * tileNs(BLOCK_TILES.narrow, groups, multiplied / 4)
  );
}

function tileNs({row, unit}: TileCost, rows: number, units: number): number {
  return rows * row + units * unit;
}

/** Tiles of each width that `csrPixels1x28` cuts a plane into. */
function csrTiles(pixels: number): {readonly wide: number; readonly middle: number; readonly narrow: number} {
  const count = Math.ceil(pixels / TILE) * TILE;
  if (count < CSR_MIDDLE_TILE) return {wide: 0, middle: 0, narrow: count / TILE};
  const rest = count % CSR_WIDE_TILE > CSR_MIDDLE_TILE ? 1 : 0;
  const wide = count < CSR_WIDE_TILE ? 0 : Math.floor(count / CSR_WIDE_TILE) + rest;
  const left = Math.max(0, count - wide * CSR_WIDE_TILE);
  const middle = left > TILE ? Math.ceil((left - TILE) / CSR_MIDDLE_TILE) : 0;
  return {wide, middle, narrow: left - middle * CSR_MIDDLE_TILE > 0 ? 1 : 0};
}

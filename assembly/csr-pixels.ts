// Sparse rows times many pixels: CSR_PIXELS, a CSR_ROW for each output (`ahead`: offset of an input to fetch early), a
// CSR_ENTRY for each weight.
import {
  CSR_ENTRY_BYTES, CSR_ENTRY_INPUT, CSR_ENTRY_WEIGHT, CSR_MIDDLE_TILE, CSR_PIXELS_BAND, CSR_PIXELS_BYTES, CSR_PIXELS_ROWS, CSR_ROW_AHEAD,
  CSR_ROW_BIAS, CSR_ROW_BYTES, CSR_ROW_ENTRIES, CSR_ROW_OUTPUT, CSR_WIDE_TILE, TILE,
} from './contract.generated';
import {clamp, madd} from './simd';

const ENTRY: usize = CSR_ENTRY_BYTES;
const ROW: usize = CSR_ROW_BYTES;
/** Bytes from tile to tile. */
// @ts-ignore: decorator
@inline
const WIDE: usize = <usize>CSR_WIDE_TILE << 2;
// @ts-ignore: decorator
@inline
const MIDDLE: usize = <usize>CSR_MIDDLE_TILE << 2;

/**
 * One row over a band of `tiles` tiles of seven vectors, 28 pixels. Compilers load all seven before the first product,
 * so that sums, inputs and the weight take 15 registers of the 16 there are on x86: an eighth sum would live in memory.
 */
// @ts-ignore: decorator
@inline
function tile28(rows: usize, end: usize, entries: usize, x: usize, y: usize, tiles: i32, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows, CSR_ROW_ENTRIES)) * ENTRY;
    const first = entries;
    const bias = v128.load_splat<f32>(rows, CSR_ROW_BIAS);
    let px = x, q = y + <usize>load<u32>(rows, CSR_ROW_OUTPUT);
    for (let i = 0; i < tiles; i++, px += WIDE, q += WIDE) {
      let s0 = bias;
      entries = first;
      let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
      for (; entries < stop; entries += ENTRY) {
        const w = v128.load_splat<f32>(entries, CSR_ENTRY_WEIGHT);
        const p = px + <usize>load<u32>(entries, CSR_ENTRY_INPUT);
        s0 = madd(w, v128.load(p), s0);
        s1 = madd(w, v128.load(p, 16), s1);
        s2 = madd(w, v128.load(p, 32), s2);
        s3 = madd(w, v128.load(p, 48), s3);
        s4 = madd(w, v128.load(p, 64), s4);
        s5 = madd(w, v128.load(p, 80), s5);
        s6 = madd(w, v128.load(p, 96), s6);
      }
      v128.store(q, clamp(s0, low, high));
      v128.store(q, clamp(s1, low, high), 16);
      v128.store(q, clamp(s2, low, high), 32);
      v128.store(q, clamp(s3, low, high), 48);
      v128.store(q, clamp(s4, low, high), 64);
      v128.store(q, clamp(s5, low, high), 80);
      v128.store(q, clamp(s6, low, high), 96);
    }
    // Touches a plane of the next band, so that it is at hand when its turn comes.
    const z = px + <usize>load<u32>(rows, CSR_ROW_AHEAD);
    load<u32>(z);
    load<u32>(z, 64);
  }
}

// @ts-ignore: decorator
@inline
function tile16(rows: usize, end: usize, entries: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows, CSR_ROW_ENTRIES)) * ENTRY;
    let s0 = v128.load_splat<f32>(rows, CSR_ROW_BIAS);
    let s1 = s0, s2 = s0, s3 = s0;
    for (; entries < stop; entries += ENTRY) {
      const w = v128.load_splat<f32>(entries, CSR_ENTRY_WEIGHT);
      const p = x + <usize>load<u32>(entries, CSR_ENTRY_INPUT);
      s0 = madd(w, v128.load(p), s0);
      s1 = madd(w, v128.load(p, 16), s1);
      s2 = madd(w, v128.load(p, 32), s2);
      s3 = madd(w, v128.load(p, 48), s3);
    }
    const q = y + <usize>load<u32>(rows, CSR_ROW_OUTPUT);
    v128.store(q, clamp(s0, low, high));
    v128.store(q, clamp(s1, low, high), 16);
    v128.store(q, clamp(s2, low, high), 32);
    v128.store(q, clamp(s3, low, high), 48);
  }
}

// @ts-ignore: decorator
@inline
function tile4(rows: usize, end: usize, entries: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows, CSR_ROW_ENTRIES)) * ENTRY;
    let s0 = v128.load_splat<f32>(rows, CSR_ROW_BIAS);
    for (; entries < stop; entries += ENTRY) {
      s0 = madd(v128.load_splat<f32>(entries, CSR_ENTRY_WEIGHT), v128.load(x + <usize>load<u32>(entries, CSR_ENTRY_INPUT)), s0);
    }
    v128.store(y + <usize>load<u32>(rows, CSR_ROW_OUTPUT), clamp(s0, low, high));
  }
}

/**
 * Sparse matrix (CSR) times `pixels` consecutive pixels of every input plane, rounded up to fours and clamped to `[low,
 * high]`. What is left of a plane after whole tiles is a tile that overlaps the one before: it writes the same values
 * twice.
 */
export function csrPixels1x28(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const rows = weights + CSR_PIXELS_BYTES;
  const end = rows + (<usize>load<u32>(weights, CSR_PIXELS_ROWS)) * ROW;
  const band = load<i32>(weights, CSR_PIXELS_BAND);
  const count = (pixels + 3) & ~3;
  let left = count;
  while (left > 0) {
    if (left > CSR_MIDDLE_TILE && count >= CSR_WIDE_TILE) {
      const back = (<usize>max(CSR_WIDE_TILE - left, 0)) << 2;
      const tiles = left >= CSR_WIDE_TILE * band ? band : 1;
      tile28(rows, end, end, x - back, y - back, tiles, lo, hi);
      left -= CSR_WIDE_TILE * tiles, x += WIDE * tiles, y += WIDE * tiles;
    } else if (left > TILE && count >= CSR_MIDDLE_TILE) {
      const back = (<usize>max(CSR_MIDDLE_TILE - left, 0)) << 2;
      tile16(rows, end, end, x - back, y - back, lo, hi);
      left -= CSR_MIDDLE_TILE, x += MIDDLE, y += MIDDLE;
    } else {
      tile4(rows, end, end, x, y, lo, hi);
      left -= TILE, x += <usize>TILE << 2, y += <usize>TILE << 2;
    }
  }
}

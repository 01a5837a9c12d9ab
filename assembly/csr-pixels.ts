// Sparse rows times many pixels. Header {u32 rows, u32 tiles a band, 0, 0}; record of a row: {u32 entries, u32 output offset, f32 bias, u32 input offset to fetch}; entry: {f32 weight, u32 input offset}.
import {clamp, madd} from './simd';

const ENTRY: usize = 8;
const ROW: usize = 16;

/**
 * One row over a band of `tiles` tiles of seven vectors, 28 pixels. Compilers load all seven before the first product, so that sums, inputs and the
 * weight take 15 registers of the 16 there are on x86: an eighth sum would live in memory.
 */
// @ts-ignore: decorator
@inline
function tile7(rows: usize, end: usize, entries: usize, x: usize, y: usize, tiles: i32, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows)) * ENTRY;
    const first = entries;
    const bias = v128.load_splat<f32>(rows, 8);
    let px = x, q = y + <usize>load<u32>(rows, 4);
    for (let i = 0; i < tiles; i++, px += 112, q += 112) {
      let s0 = bias;
      entries = first;
      let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
      for (; entries < stop; entries += ENTRY) {
        const w = v128.load_splat<f32>(entries);
        const p = px + <usize>load<u32>(entries, 4);
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
    const z = px + <usize>load<u32>(rows, 12);
    load<u32>(z);
    load<u32>(z, 64);
  }
}

// @ts-ignore: decorator
@inline
function tile4(rows: usize, end: usize, entries: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows)) * ENTRY;
    let s0 = v128.load_splat<f32>(rows, 8);
    let s1 = s0, s2 = s0, s3 = s0;
    for (; entries < stop; entries += ENTRY) {
      const w = v128.load_splat<f32>(entries);
      const p = x + <usize>load<u32>(entries, 4);
      s0 = madd(w, v128.load(p), s0);
      s1 = madd(w, v128.load(p, 16), s1);
      s2 = madd(w, v128.load(p, 32), s2);
      s3 = madd(w, v128.load(p, 48), s3);
    }
    const q = y + <usize>load<u32>(rows, 4);
    v128.store(q, clamp(s0, low, high));
    v128.store(q, clamp(s1, low, high), 16);
    v128.store(q, clamp(s2, low, high), 32);
    v128.store(q, clamp(s3, low, high), 48);
  }
}

// @ts-ignore: decorator
@inline
function tile1(rows: usize, end: usize, entries: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; rows < end; rows += ROW) {
    const stop = entries + (<usize>load<u32>(rows)) * ENTRY;
    let s0 = v128.load_splat<f32>(rows, 8);
    for (; entries < stop; entries += ENTRY) {
      s0 = madd(v128.load_splat<f32>(entries), v128.load(x + <usize>load<u32>(entries, 4)), s0);
    }
    v128.store(y + <usize>load<u32>(rows, 4), clamp(s0, low, high));
  }
}

/**
 * y[row][pixel] = clamp(bias[row] + sum of weight * x[input offset + pixel]) over `pixels`, rounded up to fours. What is
 * left of a plane after whole tiles is a tile that overlaps the one before: it writes the same values twice.
 */
export function csrPixels(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const rows = weights + 16;
  const end = rows + (<usize>load<u32>(weights)) * ROW;
  const band = load<i32>(weights, 4);
  const count = (pixels + 3) & ~3;
  let left = count;
  while (left > 0) {
    if (left > 16 && count >= 28) {
      const back = (<usize>max(28 - left, 0)) << 2;
      const tiles = left >= 28 * band ? band : 1;
      tile7(rows, end, end, x - back, y - back, tiles, lo, hi);
      left -= 28 * tiles, x += 112 * tiles, y += 112 * tiles;
    } else if (left > 4 && count >= 16) {
      const back = (<usize>max(16 - left, 0)) << 2;
      tile4(rows, end, end, x - back, y - back, lo, hi);
      left -= 16, x += 64, y += 64;
    } else {
      tile1(rows, end, end, x, y, lo, hi);
      left -= 4, x += 16, y += 16;
    }
  }
}

// Depthwise convolution, plane by plane: each is laid out in scratch, small enough to stay in the nearest cache, and every row of the output
// is the sum of its shifted rows. Header: {u32 channels, multiplier, phases, height, width, x plane, x row, laid-out rows, columns, plane,
// stride rows, columns, out height, width, y plane, y row}; phases of {i32 top, left, u32 offset, 0}; records of outputs {u32 entries,
// f32 bias}, padded to 16; entries {f32 weight, u32 offset in the laid-out plane}.
import {pad} from './move';
import {clamp, madd} from './simd';

/** Sixteen pixels of a row. */
// @ts-ignore: decorator
@inline
function tile4(entries: usize, stop: usize, bias: v128, p: usize, q: usize, low: v128, high: v128): void {
  let s0 = bias, s1 = bias, s2 = bias, s3 = bias;
  for (; entries < stop; entries += 8) {
    const w = v128.load_splat<f32>(entries);
    const from = p + <usize>load<u32>(entries, 4);
    s0 = madd(w, v128.load(from), s0);
    s1 = madd(w, v128.load(from, 16), s1);
    s2 = madd(w, v128.load(from, 32), s2);
    s3 = madd(w, v128.load(from, 48), s3);
  }
  v128.store(q, clamp(s0, low, high));
  v128.store(q, clamp(s1, low, high), 16);
  v128.store(q, clamp(s2, low, high), 32);
  v128.store(q, clamp(s3, low, high), 48);
}

/** Four pixels of a row. */
// @ts-ignore: decorator
@inline
function tile1(entries: usize, stop: usize, bias: v128, p: usize, low: v128, high: v128): v128 {
  let s = bias;
  for (; entries < stop; entries += 8) {
    s = madd(v128.load_splat<f32>(entries), v128.load(p + <usize>load<u32>(entries, 4)), s);
  }
  return clamp(s, low, high);
}

/** One row of the output; ends of rows are tiles that overlap the one before. */
// @ts-ignore: decorator
@inline
function line(entries: usize, stop: usize, bias: v128, p: usize, q: usize, width: i32, low: v128, high: v128): void {
  let left = width;
  while (left > 4) {
    if (width < 16) {
      v128.store(q, tile1(entries, stop, bias, p, low, high));
      left -= 4, p += 16, q += 16;
      continue;
    }
    const back = (<usize>max(16 - left, 0)) << 2;
    tile4(entries, stop, bias, p - back, q - back, low, high);
    left -= 16, p += 64, q += 64;
  }
  if (left <= 0) return;
  const back = width < 4 ? 0 : (<usize>(4 - left)) << 2;
  const last = tile1(entries, stop, bias, p - back, low, high);
  if (width >= 4) {
    v128.store(q - back, last);
    return;
  }
  v128.store_lane<f32>(q, last, 0);
  if (width > 1) v128.store_lane<f32>(q, last, 1, 4);
  if (width > 2) v128.store_lane<f32>(q, last, 2, 8);
}

/** All planes; `scratch` is where one is laid out. */
export function depthwise(weights: usize, x: usize, y: usize, scratch: usize, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const channels = load<u32>(weights);
  const multiplier = load<u32>(weights, 4);
  const phases = load<u32>(weights, 8);
  const xRow = <usize>load<u32>(weights, 24);
  const columns = load<i32>(weights, 32);
  const outHeight = load<i32>(weights, 48);
  const outWidth = load<i32>(weights, 52);
  const yRow = <usize>load<u32>(weights, 60);
  let record = weights + 64 + ((<usize>phases) << 4);
  let entries = record + (((<usize>(channels * multiplier)) * 8 + 15) & ~15);
  for (let c: u32 = 0; c < channels; c++, x += <usize>load<u32>(weights, 20)) {
    for (let i: u32 = 0, phase = weights + 64; i < phases; i++, phase += 16) {
      pad(
        x, scratch + <usize>load<u32>(phase, 8), 1, load<i32>(weights, 12), load<i32>(weights, 16), 0, xRow,
        load<i32>(weights, 28), columns, <usize>load<u32>(weights, 36), load<i32>(weights, 40), load<i32>(weights, 44),
        load<i32>(phase), load<i32>(phase, 4), 0,
      );
    }
    for (let m: u32 = 0; m < multiplier; m++, record += 8, y += <usize>load<u32>(weights, 56)) {
      const stop = entries + ((<usize>load<u32>(record)) << 3);
      const bias = v128.load_splat<f32>(record, 4);
      let p = phases ? scratch : x;
      let q = y;
      for (let row = 0; row < outHeight; row++, p += (<usize>columns) << 2, q += yRow) {
        line(entries, stop, bias, p, q, outWidth, lo, hi);
      }
      entries = stop;
    }
  }
}

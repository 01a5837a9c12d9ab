// Depthwise convolution, plane by plane: each is laid out in scratch, small enough to stay in the nearest cache, and every row of the output
// is the sum of its shifted rows. Header: {u32 channels, multiplier, phases, x plane, x row, stride columns, laid-out bytes, laid-out row,
// out height, out width, y plane, y row, x row of a phase}, padded to 64; phases of {u32 x offset, offset in scratch, rows, columns};
// records of outputs {u32 entries, f32 bias}, padded to 16; entries {f32 weight, u32 offset in the laid-out plane}.
import {fill} from './move';
import {clamp, madd} from './simd';

/** Copies every `stride`-th pixel of some rows. Ends of rows are vectors that overlap the one before. */
// @ts-ignore: decorator
@inline
function gatherRows(x: usize, y: usize, rows: i32, count: i32, stride: i32, xRow: usize, yRow: usize): void {
  for (; rows > 0; rows--, x += xRow, y += yRow) {
    let p = x, q = y;
    let n = count;
    if (count >= 4 && stride <= 2) {
      if (stride == 1) {
        for (; n > 4; n -= 4, p += 16, q += 16) v128.store(q, v128.load(p));
        const back = (<usize>(4 - n)) << 2;
        v128.store(q - back, v128.load(p - back));
      } else {
        for (;;) {
          v128.store(q, i8x16.shuffle(v128.load(p), v128.load(p, 16), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27));
          n -= 4;
          if (n <= 0) break;
          const step = (<usize>min(n, 4)) << 2;
          p += step << 1, q += step;
        }
      }
      continue;
    }
    for (; n > 0; n--, p += (<usize>stride) << 2, q += 4) store<f32>(q, load<f32>(p));
  }
}

/** Four pixels of a row from any taps. */
// @ts-ignore: decorator
@inline
function tile1(entries: usize, stop: usize, bias: v128, p: usize): v128 {
  let s = bias;
  for (; entries < stop; entries += 8) {
    s = madd(v128.load_splat<f32>(entries), v128.load(p + <usize>load<u32>(entries, 4)), s);
  }
  return s;
}

/** Sixteen pixels of a row from any taps. */
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

/** A plane of fewer than four columns. */
function narrow(entries: usize, stop: usize, bias: v128, p: usize, q: usize, height: i32, width: i32, pRow: usize, qRow: usize, low: v128, high: v128): void {
  for (; height > 0; height--, p += pRow, q += qRow) {
    const s = clamp(tile1(entries, stop, bias, p), low, high);
    v128.store_lane<f32>(q, s, 0);
    if (width > 1) v128.store_lane<f32>(q, s, 1, 4);
    if (width > 2) v128.store_lane<f32>(q, s, 2, 8);
  }
}

/** A plane of at least four columns, any taps. */
function anyTaps(entries: usize, stop: usize, bias: v128, p: usize, q: usize, height: i32, width: i32, pRow: usize, qRow: usize, low: v128, high: v128): void {
  for (; height > 0; height--, p += pRow, q += qRow) {
    let from = p, to = q;
    let left = width;
    while (left > 0) {
      if (width >= 16 && left > 4) {
        const back = (<usize>max(16 - left, 0)) << 2;
        tile4(entries, stop, bias, from - back, to - back, low, high);
        left -= 16, from += 64, to += 64;
      } else {
        const back = (<usize>max(4 - left, 0)) << 2;
        v128.store(to - back, clamp(tile1(entries, stop, bias, from - back), low, high));
        left -= 4, from += 16, to += 16;
      }
    }
  }
}

/** A plane of at least four columns and nine taps, whose weights stay in registers. */
function nineTaps(entries: usize, bias: v128, p: usize, q: usize, height: i32, width: i32, pRow: usize, qRow: usize, low: v128, high: v128): void {
  const w0 = v128.load_splat<f32>(entries), o0 = <usize>load<u32>(entries, 4);
  const w1 = v128.load_splat<f32>(entries, 8), o1 = <usize>load<u32>(entries, 12);
  const w2 = v128.load_splat<f32>(entries, 16), o2 = <usize>load<u32>(entries, 20);
  const w3 = v128.load_splat<f32>(entries, 24), o3 = <usize>load<u32>(entries, 28);
  const w4 = v128.load_splat<f32>(entries, 32), o4 = <usize>load<u32>(entries, 36);
  const w5 = v128.load_splat<f32>(entries, 40), o5 = <usize>load<u32>(entries, 44);
  const w6 = v128.load_splat<f32>(entries, 48), o6 = <usize>load<u32>(entries, 52);
  const w7 = v128.load_splat<f32>(entries, 56), o7 = <usize>load<u32>(entries, 60);
  const w8 = v128.load_splat<f32>(entries, 64), o8 = <usize>load<u32>(entries, 68);
  for (; height > 0; height--, p += pRow, q += qRow) {
    let from = p, to = q;
    for (let left = width; ; ) {
      let s = madd(w0, v128.load(from + o0), bias);
      let t = f32x4.mul(w1, v128.load(from + o1));
      s = madd(w2, v128.load(from + o2), s);
      v128.store(to, s);
      t = madd(w3, v128.load(from + o3), t);
      s = madd(w4, v128.load(from + o4), s);
      t = madd(w5, v128.load(from + o5), t);
      v128.store(to, t);
      s = madd(w6, v128.load(from + o6), s);
      t = madd(w7, v128.load(from + o7), t);
      s = madd(w8, v128.load(from + o8), s);
      v128.store(to, clamp(f32x4.add(s, t), low, high));
      left -= 4;
      if (left <= 0) break;
      const step = (<usize>min(left, 4)) << 2;
      from += step, to += step;
    }
  }
}

/** All planes; `scratch` is where one is laid out. */
export function depthwise(weights: usize, x: usize, y: usize, scratch: usize, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const channels = load<u32>(weights);
  const multiplier = load<u32>(weights, 4);
  const phases = load<u32>(weights, 8);
  const pRow = <usize>load<u32>(weights, 28);
  const height = load<i32>(weights, 32);
  const width = load<i32>(weights, 36);
  const yPlane = <usize>load<u32>(weights, 40);
  const qRow = <usize>load<u32>(weights, 44);
  let record = weights + 64 + ((<usize>phases) << 4);
  let entries = record + (((<usize>(channels * multiplier)) * 8 + 15) & ~15);
  // The surroundings of a plane stay zero: what is copied is always its inside.
  fill(scratch, load<i32>(weights, 24) >> 2, 0);
  for (let c: u32 = 0; c < channels; c++, x += <usize>load<u32>(weights, 12)) {
    for (let i: u32 = 0, phase = weights + 64; i < phases; i++, phase += 16) {
      gatherRows(
        x + <usize>load<u32>(phase), scratch + <usize>load<u32>(phase, 4), load<i32>(phase, 8), load<i32>(phase, 12),
        load<i32>(weights, 20), <usize>load<u32>(weights, 48), pRow,
      );
    }
    const p = phases ? scratch : x;
    for (let m: u32 = 0; m < multiplier; m++, record += 8, y += yPlane) {
      const count = load<u32>(record);
      const stop = entries + ((<usize>count) << 3);
      const bias = v128.load_splat<f32>(record, 4);
      if (width < 4) narrow(entries, stop, bias, p, y, height, width, pRow, qRow, lo, hi);
      else if (count == 9 && width < 16) nineTaps(entries, bias, p, y, height, width, pRow, qRow, lo, hi);
      else anyTaps(entries, stop, bias, p, y, height, width, pRow, qRow, lo, hi);
      entries = stop;
    }
  }
}

// Depthwise convolution, plane by plane: each is laid out in scratch, small enough to stay in the nearest cache, and
// every row of the output is the sum of its shifted rows. DEPTHWISE, then a PHASE for each phase of the stride, a
// DEPTHWISE_ROW for each output (padded to whole vectors), and a DEPTHWISE_ENTRY for each weight, whose input is a
// place in the laid-out plane.
import {
  DEPTHWISE_BYTES, DEPTHWISE_CHANNELS, DEPTHWISE_ENTRY_BYTES, DEPTHWISE_ENTRY_INPUT, DEPTHWISE_ENTRY_WEIGHT, DEPTHWISE_MULTIPLIER, DEPTHWISE_OUT_HEIGHT,
  DEPTHWISE_OUT_WIDTH, DEPTHWISE_PHASES, DEPTHWISE_PHASE_ROW, DEPTHWISE_ROW_BIAS, DEPTHWISE_ROW_BYTES, DEPTHWISE_ROW_ENTRIES, DEPTHWISE_SCRATCH_BYTES,
  DEPTHWISE_SCRATCH_ROW, DEPTHWISE_STRIDE_COLUMNS, DEPTHWISE_X_PLANE, DEPTHWISE_X_ROW, DEPTHWISE_Y_PLANE, DEPTHWISE_Y_ROW, PHASE_BYTES, PHASE_COLUMNS,
  PHASE_FROM, PHASE_ROWS, PHASE_TO,
} from './contract.generated';
import {fill} from './move';
import {clamp, madd} from './simd';

// @ts-ignore: decorator
@inline
const ENTRY: usize = DEPTHWISE_ENTRY_BYTES;
// @ts-ignore: decorator
@inline
const WEIGHT: usize = DEPTHWISE_ENTRY_WEIGHT;
// @ts-ignore: decorator
@inline
const INPUT: usize = DEPTHWISE_ENTRY_INPUT;

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
function tile4(entries: usize, stop: usize, bias: v128, p: usize): v128 {
  let s = bias;
  for (; entries < stop; entries += ENTRY) {
    s = madd(v128.load_splat<f32>(entries, WEIGHT), v128.load(p + <usize>load<u32>(entries, INPUT)), s);
  }
  return s;
}

/** Sixteen pixels of a row from any taps. */
// @ts-ignore: decorator
@inline
function tile16(entries: usize, stop: usize, bias: v128, p: usize, q: usize, low: v128, high: v128): void {
  let s0 = bias, s1 = bias, s2 = bias, s3 = bias;
  for (; entries < stop; entries += ENTRY) {
    const w = v128.load_splat<f32>(entries, WEIGHT);
    const from = p + <usize>load<u32>(entries, INPUT);
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
    const s = clamp(tile4(entries, stop, bias, p), low, high);
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
        tile16(entries, stop, bias, from - back, to - back, low, high);
        left -= 16, from += 64, to += 64;
      } else {
        const back = (<usize>max(4 - left, 0)) << 2;
        v128.store(to - back, clamp(tile4(entries, stop, bias, from - back), low, high));
        left -= 4, from += 16, to += 16;
      }
    }
  }
}

/** A plane of at least four columns and nine taps, whose weights stay in registers. */
function nineTaps(entries: usize, bias: v128, p: usize, q: usize, height: i32, width: i32, pRow: usize, qRow: usize, low: v128, high: v128): void {
  const w0 = v128.load_splat<f32>(entries, WEIGHT), o0 = <usize>load<u32>(entries, INPUT);
  const w1 = v128.load_splat<f32>(entries, ENTRY * 1 + WEIGHT), o1 = <usize>load<u32>(entries, ENTRY * 1 + INPUT);
  const w2 = v128.load_splat<f32>(entries, ENTRY * 2 + WEIGHT), o2 = <usize>load<u32>(entries, ENTRY * 2 + INPUT);
  const w3 = v128.load_splat<f32>(entries, ENTRY * 3 + WEIGHT), o3 = <usize>load<u32>(entries, ENTRY * 3 + INPUT);
  const w4 = v128.load_splat<f32>(entries, ENTRY * 4 + WEIGHT), o4 = <usize>load<u32>(entries, ENTRY * 4 + INPUT);
  const w5 = v128.load_splat<f32>(entries, ENTRY * 5 + WEIGHT), o5 = <usize>load<u32>(entries, ENTRY * 5 + INPUT);
  const w6 = v128.load_splat<f32>(entries, ENTRY * 6 + WEIGHT), o6 = <usize>load<u32>(entries, ENTRY * 6 + INPUT);
  const w7 = v128.load_splat<f32>(entries, ENTRY * 7 + WEIGHT), o7 = <usize>load<u32>(entries, ENTRY * 7 + INPUT);
  const w8 = v128.load_splat<f32>(entries, ENTRY * 8 + WEIGHT), o8 = <usize>load<u32>(entries, ENTRY * 8 + INPUT);
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

/**
 * Depthwise convolution of planes, clamped to `[low, high]`; geometry is packed with the weights (`packDepthwise`).
 * `scratch` takes the `scratchBytes` of a plan with one channel.
 */
export function depthwise1x16(weights: usize, x: usize, y: usize, scratch: usize, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const channels = load<u32>(weights, DEPTHWISE_CHANNELS);
  const multiplier = load<u32>(weights, DEPTHWISE_MULTIPLIER);
  const phases = load<u32>(weights, DEPTHWISE_PHASES);
  const pRow = <usize>load<u32>(weights, DEPTHWISE_SCRATCH_ROW);
  const height = load<i32>(weights, DEPTHWISE_OUT_HEIGHT);
  const width = load<i32>(weights, DEPTHWISE_OUT_WIDTH);
  const yPlane = <usize>load<u32>(weights, DEPTHWISE_Y_PLANE);
  const qRow = <usize>load<u32>(weights, DEPTHWISE_Y_ROW);
  let record = weights + DEPTHWISE_BYTES + <usize>phases * PHASE_BYTES;
  let entries = record + (((<usize>(channels * multiplier)) * DEPTHWISE_ROW_BYTES + 15) & ~15);
  // The surroundings of a plane stay zero: what is copied is always its inside.
  fill(scratch, load<i32>(weights, DEPTHWISE_SCRATCH_BYTES) >> 2, 0);
  for (let c: u32 = 0; c < channels; c++, x += <usize>load<u32>(weights, DEPTHWISE_X_PLANE)) {
    for (let i: u32 = 0, phase = weights + DEPTHWISE_BYTES; i < phases; i++, phase += PHASE_BYTES) {
      gatherRows(
        x + <usize>load<u32>(phase, PHASE_FROM), scratch + <usize>load<u32>(phase, PHASE_TO), load<i32>(phase, PHASE_ROWS),
        load<i32>(phase, PHASE_COLUMNS), load<i32>(weights, DEPTHWISE_STRIDE_COLUMNS), <usize>load<u32>(weights, DEPTHWISE_PHASE_ROW), pRow,
      );
    }
    const p = phases ? scratch : x;
    for (let m: u32 = 0; m < multiplier; m++, record += DEPTHWISE_ROW_BYTES, y += yPlane) {
      const count = load<u32>(record, DEPTHWISE_ROW_ENTRIES);
      const stop = entries + <usize>count * ENTRY;
      const bias = v128.load_splat<f32>(record, DEPTHWISE_ROW_BIAS);
      if (width < 4) narrow(entries, stop, bias, p, y, height, width, pRow, qRow, lo, hi);
      else if (count == 9 && width < 16) nineTaps(entries, bias, p, y, height, width, pRow, qRow, lo, hi);
      else anyTaps(entries, stop, bias, p, y, height, width, pRow, qRow, lo, hi);
      entries = stop;
    }
  }
}

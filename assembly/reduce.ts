// One number of each row, and what needs one: reductions, softmax, layer normalisation.
import {REDUCE_MAX, REDUCE_MEAN, REDUCE_MIN, REDUCE_PRODUCT} from './contract.generated';
import {exp, log1p, splat} from './math';
import {total} from './simd';

/** Combines two vectors; the mean is a sum that is divided at the end. */
// @ts-ignore: decorator
@inline
function join(op: i32, a: v128, b: v128): v128 {
  return op == REDUCE_MAX ? f32x4.max(a, b) : op == REDUCE_MIN ? f32x4.min(a, b) : op == REDUCE_PRODUCT ? f32x4.mul(a, b) : f32x4.add(a, b);
}

/** What joined with anything gives that. */
// @ts-ignore: decorator
@inline
function neutralOf(op: i32): f32 {
  return op == REDUCE_MAX ? -Infinity : op == REDUCE_MIN ? Infinity : op == REDUCE_PRODUCT ? 1 : 0;
}

/** Reduces `count` floats at `x`, at least one. */
function row(op: i32, x: usize, count: i32): f32 {
  const neutral = neutralOf(op);
  let s = splat(neutral);
  let t = s;
  let left = count;
  for (; left >= 8; left -= 8, x += 32) {
    s = join(op, s, v128.load(x));
    t = join(op, t, v128.load(x, 16));
  }
  s = join(op, s, t);
  for (; left > 0; left--, x += 4) s = join(op, s, f32x4.replace_lane(splat(neutral), 0, load<f32>(x)));
  s = join(op, s, i8x16.shuffle(s, s, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  s = join(op, s, i8x16.shuffle(s, s, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  const value = f32x4.extract_lane(s, 0);
  return op == REDUCE_MEAN ? value / <f32>count : value;
}

/** One float at `y + row * yStride` for each row of `count` floats; `op` from `REDUCE`. */
export function reduce(op: i32, x: usize, y: usize, rows: i32, count: i32, xStride: usize, yStride: usize): void {
  for (; rows > 0; rows--, x += xStride, y += yStride) store<f32>(y, row(op, x, count));
}

/**
 * `count` floats at `y`, one for each column of `rows` rows, at least one, `xStride` bytes apart; `op` from `REDUCE`.
 */
export function reduceColumns(op: i32, x: usize, y: usize, rows: i32, count: i32, xStride: usize): void {
  const neutral = splat(neutralOf(op));
  const divisor = splat(op == REDUCE_MEAN ? <f32>rows : 1);
  for (; count >= 16; count -= 16, x += 64, y += 64) {
    let a = neutral, b = neutral, c = neutral, d = neutral;
    for (let p = x, left = rows; left > 0; left--, p += xStride) {
      a = join(op, a, v128.load(p)), b = join(op, b, v128.load(p, 16));
      c = join(op, c, v128.load(p, 32)), d = join(op, d, v128.load(p, 48));
    }
    v128.store(y, f32x4.div(a, divisor)), v128.store(y, f32x4.div(b, divisor), 16);
    v128.store(y, f32x4.div(c, divisor), 32), v128.store(y, f32x4.div(d, divisor), 48);
  }
  for (; count > 0; count -= 4, x += 16, y += 16) {
    let a = neutral;
    for (let p = x, left = rows; left > 0; left--, p += xStride) a = join(op, a, v128.load(p));
    a = f32x4.div(a, divisor);
    if (count >= 4) {
      v128.store(y, a);
      continue;
    }
    store<f32>(y, f32x4.extract_lane(a, 0));
    if (count > 1) store<f32>(y, f32x4.extract_lane(a, 1), 4);
    if (count > 2) store<f32>(y, f32x4.extract_lane(a, 2), 8);
  }
}

/** Softmax of each row of `count` floats, `exp(x - largest) / sum`, its logarithm when `log` is 1; `y` may be `x`. */
export function softmax(x: usize, y: usize, rows: i32, count: i32, xStride: usize, yStride: usize, log: i32): void {
  for (; rows > 0; rows--, x += xStride, y += yStride) {
    const largest = splat(row(REDUCE_MAX, x, count));
    let sum: f32 = 0;
    let p = x, q = y;
    let left = count;
    for (; left >= 4; left -= 4, p += 16, q += 16) {
      const shifted = f32x4.sub(v128.load(p), largest);
      const e = exp(shifted);
      sum += total(e);
      v128.store(q, log ? shifted : e);
    }
    for (; left > 0; left--, p += 4, q += 4) {
      const shifted = f32x4.sub(v128.load_splat<f32>(p), largest);
      const e = f32x4.extract_lane(exp(shifted), 0);
      sum += e;
      store<f32>(q, log ? f32x4.extract_lane(shifted, 0) : e);
    }
    if (log) shift(y, count, 1, -logOf(sum));
    else shift(y, count, 1 / sum, 0);
  }
}

/** x * scale + offset in place. */
function shift(x: usize, count: i32, scale: f32, offset: f32): void {
  const s = splat(scale);
  const o = splat(offset);
  for (; count >= 4; count -= 4, x += 16) v128.store(x, f32x4.add(f32x4.mul(v128.load(x), s), o));
  for (; count > 0; count--, x += 4) store<f32>(x, load<f32>(x) * scale + offset);
}

/** log(x) for x >= 1: the exponent's part and that of the mantissa. */
function logOf(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  const mantissa = reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  const rest = f32x4.extract_lane(log1p(splat(mantissa - 1)), 0);
  return <f32>((bits >> 23) - 127) * <f32>0.69314718055994530942 + rest;
}

/** Each row scaled to mean 0 and variance 1, times `gamma` plus `beta` (offsets of `count` floats); `y` may be `x`. */
export function layerNorm(
  x: usize, y: usize, rows: i32, count: i32, xStride: usize, yStride: usize, gamma: usize, beta: usize, epsilon: f32,
): void {
  for (; rows > 0; rows--, x += xStride, y += yStride) {
    const mean = row(REDUCE_MEAN, x, count);
    let squares: f32 = 0;
    let p = x;
    let left = count;
    const m = splat(mean);
    for (; left >= 4; left -= 4, p += 16) {
      const d = f32x4.sub(v128.load(p), m);
      squares += total(f32x4.mul(d, d));
    }
    for (; left > 0; left--, p += 4) {
      const d = load<f32>(p) - mean;
      squares += d * d;
    }
    const scale: f32 = 1 / sqrt<f32>(squares / <f32>count + epsilon);
    for (let at: usize = 0; at < (<usize>count) << 2; at += 4) {
      store<f32>(y + at, (load<f32>(x + at) - mean) * scale * load<f32>(gamma + at) + load<f32>(beta + at));
    }
  }
}

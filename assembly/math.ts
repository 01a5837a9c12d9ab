// Elementary functions of four lanes, within 1e-6 of the true value, relative, over the normal floats.
import {madd} from './simd';

// @ts-ignore: decorator
@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

/** `then` where the mask is set, `otherwise` elsewhere. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, then: v128, otherwise: v128): v128 {
  return v128.bitselect(then, otherwise, mask);
}

/** exp(r) - 1 for |r| <= ln 2 / 2 by its series: r + r^2 (1/2 + r/6 + r^2/24 + ...). */
// @ts-ignore: decorator
@inline
function expm1Small(r: v128): v128 {
  let p = madd(r, splat(1.0 / 5040), splat(1.0 / 720));
  p = madd(p, r, splat(1.0 / 120));
  p = madd(p, r, splat(1.0 / 24));
  p = madd(p, r, splat(1.0 / 6));
  p = madd(p, r, splat(0.5));
  return madd(f32x4.mul(r, r), p, r);
}

/**
 * With x = n ln 2 + r: half = 2^(n - 1), in two steps so that n = 128 overflows no sooner than it must, and exp(r) - 1.
 * `one` picks the sum: 0.5 makes 2^n (exp(r) - 1) + (2^n - 1), 0 makes 2^n (exp(r) - 1) + 2^n.
 */
// @ts-ignore: decorator
@inline
function scaled(x: v128, one: f32): v128 {
  const held = f32x4.pmin(f32x4.pmax(x, splat(-87)), splat(88.8));
  // Added to 1.5 * 2^23 a float has no places for fractions: the sum's low bits are n.
  const sum = f32x4.add(f32x4.mul(held, splat(1.44269504088896340736)), splat(12582912));
  const n = f32x4.sub(sum, splat(12582912));
  let r = madd(n, splat(-0.693145751953125), held);
  r = madd(n, splat(-1.428606820309417e-6), r);
  const half = i32x4.shl(i32x4.add(sum, i32x4.splat(126)), 23);
  const y = madd(expm1Small(r), half, f32x4.sub(half, splat(one)));
  return f32x4.add(y, y);
}

/** exp(x) - 1; precise also around zero. Not for x above 88.7. */
export function expm1(x: v128): v128 {
  return scaled(x, 0.5);
}

/** exp(x). Below -87 the result is 0, above 88.7228 infinite. */
export function exp(x: v128): v128 {
  return select(f32x4.gt(x, splat(88.72283)), splat(Infinity), scaled(x, 0));
}

/** 2 artanh(s) for |s| <= 0.172 by its series: log((1 + s) / (1 - s)). */
// @ts-ignore: decorator
@inline
function twiceArtanh(s: v128): v128 {
  const s2 = f32x4.mul(s, s);
  let p = madd(s2, splat(2.0 / 9), splat(2.0 / 7));
  p = madd(p, s2, splat(2.0 / 5));
  p = madd(p, s2, splat(2.0 / 3));
  return madd(f32x4.mul(s, s2), p, f32x4.add(s, s));
}

/** log(1 + t) for t in [0, 1]: 2 artanh(s) with s = t / (t + 2), around 1 around sqrt 2. */
export function log1p(t: v128): v128 {
  // For t above sqrt(2) - 1 take log 2 + log((1 + t) / 2), so that |s| <= 0.172.
  const far = f32x4.gt(t, splat(0.41421356));
  const numerator = select(far, f32x4.sub(t, splat(1)), t);
  const s = f32x4.div(numerator, f32x4.add(select(far, f32x4.add(t, splat(1)), t), splat(2)));
  return f32x4.add(twiceArtanh(s), v128.and(far, splat(0.69314718055994530942)));
}

/** log(x): x = m 2^n with m around 1, from sqrt(1/2) to sqrt 2, so that nothing cancels where the result is small. */
export function log(x: v128): v128 {
  // Below the normal floats the bits say nothing before they are scaled.
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const bits = select(tiny, f32x4.mul(x, splat(16777216)), x);
  const n = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(bits, i32x4.shl(n, 23));
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(n), v128.and(tiny, splat(24)));
  const near = twiceArtanh(f32x4.div(f32x4.sub(m, splat(1)), f32x4.add(m, splat(1))));
  const value = madd(exponent, splat(0.693359375), madd(exponent, splat(-2.12194440e-4), near));
  // Zero, what is below it, infinity and not-a-number.
  const zero = f32x4.eq(x, splat(0));
  const finite = v128.and(f32x4.gt(x, splat(0)), f32x4.lt(x, splat(Infinity)));
  const other = select(f32x4.gt(x, splat(0)), x, splat(NaN));
  return select(finite, value, select(zero, splat(-Infinity), other));
}

/** tanh(x) = m / (m + 2) with m = exp(2x) - 1. */
export function tanh(x: v128): v128 {
  const held = f32x4.pmin(f32x4.pmax(x, splat(-15)), splat(15));
  const m = expm1(f32x4.add(held, held));
  return f32x4.div(m, f32x4.add(m, splat(2)));
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp(f32x4.neg(x))));
}

/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)). */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/**
 * The error function: below 0.5 by its series, so that it is precise around zero, else by Abramowitz and Stegun's
 * rational form 7.1.26, within 2e-7, as TensorFlow.js has it.
 */
export function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  const t = f32x4.div(splat(1), madd(size, splat(0.3275911), splat(1)));
  let p = madd(t, splat(1.061405429), splat(-1.453152027));
  p = madd(p, t, splat(1.421413741));
  p = madd(p, t, splat(-0.284496736));
  p = f32x4.mul(madd(p, t, splat(0.254829592)), t);
  const y = f32x4.sub(splat(1), f32x4.mul(p, exp(f32x4.neg(square))));
  // 2 / sqrt(pi) / ((2 n + 1) n!), alternating.
  let q = madd(square, splat(-0.00085483270), splat(0.0052239776));
  q = madd(q, square, splat(-0.026866171));
  q = madd(q, square, splat(0.11283792));
  q = madd(q, square, splat(-0.37612639));
  q = madd(q, square, splat(1.1283792));
  return select(f32x4.lt(size, splat(0.5)), f32x4.mul(x, q), v128.or(y, v128.and(x, splat(-0.0))));
}

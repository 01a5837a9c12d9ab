// Powers, computed in 64 bits, so that large exponents lose nothing.

/** log2(x) of a finite number above zero. */
function log2(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  // x = m 2^n with m from sqrt(1/2) to sqrt 2.
  const n = (bits - 0x3fe6a09e667f3bcd) >> 52;
  const m = reinterpret<f64>(bits - (n << 52));
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let p = 1.0 / 15 + s2 * (1.0 / 17);
  p = 1.0 / 13 + s2 * p;
  p = 1.0 / 11 + s2 * p;
  p = 1.0 / 9 + s2 * p;
  p = 1.0 / 7 + s2 * p;
  p = 1.0 / 5 + s2 * p;
  p = 1.0 / 3 + s2 * p;
  return <f64>n + s * (1 + s2 * p) * 2.88539008177792681472;
}

/** 2 to the power of x, to the precision of a 32-bit float. */
function exp2(x: f64): f64 {
  // Beyond these a 32-bit float is zero or infinite.
  const held = max<f64>(-200, min<f64>(200, x));
  const n = nearest<f64>(held);
  const r = (held - n) * 0.69314718055994530942;
  let p = 1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320));
  p = 1.0 / 24 + r * (1.0 / 120 + r * p);
  p = 1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * p)));
  return p * reinterpret<f64>((<i64>n + 1023) << 52);
}

/** `x` to the power of `y`, as `Math.pow` has it also where one is zero, infinite or not a number. */
export function power(x: f32, y: f32): f32 {
  if (y == 0) return 1;
  const size = abs<f32>(x);
  if (x != x || y != y || (size == 1 && abs<f32>(y) == Infinity)) return NaN;
  const beyond = size == 0 || size == Infinity;
  const logarithm: f64 = size == 0 ? -Infinity : size == Infinity ? Infinity : log2(size);
  const value = <f32>exp2(<f64>y * logarithm);
  if (reinterpret<i32>(x) >= 0) return value;
  if (trunc<f32>(y) != y) return beyond ? value : NaN;
  const half = y * <f32>0.5;
  return trunc<f32>(half) == half ? value : -value;
}

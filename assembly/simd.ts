// The vector vocabulary of the kernels: four lanes of 32-bit floats.

/** a * b + c, in one rounding where the relaxed variant may fuse it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** `value` held between `low` and `high`; of equals and not-a-numbers the value stays. */
// @ts-ignore: decorator
@inline
export function clamp(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, value));
}

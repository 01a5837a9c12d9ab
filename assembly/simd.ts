// The vector vocabulary of the kernels: four lanes of 32-bit floats.

/** a * b + c, in one rounding where the relaxed variant may fuse it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** `value` held between `low` and `high`; not-a-number stays. */
// @ts-ignore: decorator
@inline
export function clamp(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, low), high);
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function total(s: v128): f32 {
  s = f32x4.add(s, i8x16.shuffle(s, s, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1);
}

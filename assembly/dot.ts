// Products of vectors with vectors, both of the example.

/** Smallest squared length that a vector is divided by, as TensorFlow.js has it. */
// @ts-ignore: decorator
@inline
const EPSILON: f64 = 1e-7;

/** The length of `size` floats, `step` bytes apart. */
function lengthOf(at: usize, size: i32, step: usize): f64 {
  let sum: f64 = 0;
  for (; size > 0; size--, at += step) {
    const v = <f64>load<f32>(at);
    sum += v * v;
  }
  return sqrt<f64>(max(sum, EPSILON));
}

/**
 * The product of each of `rows` vectors at `x` with each of `columns` vectors at `w`, one after the other at `y`,
 * summed in 64 bits; of unit vectors when `normalize` is 1. Vectors have `size` floats, `...Step` bytes apart, and
 * begin `...Next` bytes after one another.
 */
export function dot(
  x: usize, w: usize, y: usize, rows: i32, columns: i32, size: i32,
  xNext: usize, xStep: usize, wNext: usize, wStep: usize, normalize: i32,
): void {
  for (; rows > 0; rows--, x += xNext) {
    const length = normalize ? lengthOf(x, size, xStep) : 1;
    for (let c = 0, from = w; c < columns; c++, from += wNext, y += 4) {
      let sum: f64 = 0;
      for (let k = 0, p = x, q = from; k < size; k++, p += xStep, q += wStep) sum += <f64>load<f32>(p) * <f64>load<f32>(q);
      store<f32>(y, <f32>(normalize ? sum / (length * lengthOf(from, size, wStep)) : sum));
    }
  }
}

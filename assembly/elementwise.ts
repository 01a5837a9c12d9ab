// Functions of one and of two arguments, element by element.
import {
  BINARY_ADD, BINARY_DIVIDE, BINARY_MAXIMUM, BINARY_MINIMUM, BINARY_MULTIPLY, BINARY_POWER, BINARY_SQUARED_DIFFERENCE, BINARY_SUBTRACT, UNARY_ABS,
  UNARY_AFFINE, UNARY_CLAMP, UNARY_COS, UNARY_ELU, UNARY_ERF, UNARY_EXP, UNARY_FLOOR, UNARY_GELU, UNARY_GELU_NEW, UNARY_HARD_SIGMOID,
  UNARY_HARD_SIGMOID6, UNARY_HARD_SWISH, UNARY_LOG, UNARY_MISH, UNARY_RECIPROCAL, UNARY_RELU, UNARY_RSQRT, UNARY_SELU, UNARY_SIGMOID, UNARY_SIN,
  UNARY_SOFTPLUS, UNARY_SOFTSIGN, UNARY_SQRT, UNARY_SQUARE, UNARY_SWISH, UNARY_TANH,
} from './contract.generated';
import {erf, exp, expm1, log, select, sigmoid, softplus, splat, tanh} from './math';
import {power} from './power';
import {sine} from './sine';
import {clamp} from './simd';

/** op(x) in four lanes. */
export function apply(op: i32, x: v128, alpha: v128, beta: v128): v128 {
  const zero = splat(0);
  switch (op) {
    case UNARY_RELU:
      return select(f32x4.lt(x, zero), f32x4.mul(x, alpha), x);
    case UNARY_CLAMP:
      return clamp(x, alpha, beta);
    case UNARY_ELU:
      return select(f32x4.lt(x, zero), f32x4.mul(alpha, expm1(f32x4.pmin(x, zero))), x);
    case UNARY_SELU: {
      const below = f32x4.mul(splat(1.6732632423543772), expm1(f32x4.pmin(x, zero)));
      return f32x4.mul(splat(1.0507009873554805), select(f32x4.lt(x, zero), below, x));
    }
    case UNARY_SIGMOID:
      return sigmoid(x);
    case UNARY_HARD_SIGMOID:
      return clamp(f32x4.add(f32x4.mul(x, splat(0.2)), splat(0.5)), zero, splat(1));
    case UNARY_TANH:
      return tanh(x);
    case UNARY_SOFTPLUS:
      return softplus(x);
    case UNARY_SOFTSIGN:
      return f32x4.div(x, f32x4.add(f32x4.abs(x), splat(1)));
    case UNARY_SWISH:
      return f32x4.mul(x, sigmoid(x));
    case UNARY_MISH: {
      // tanh(log(1 + e)) is a ratio of polynomials in e = exp(x).
      const e = exp(f32x4.pmin(x, splat(30)));
      const n = f32x4.mul(e, f32x4.add(e, splat(2)));
      return f32x4.mul(x, f32x4.div(n, f32x4.add(n, splat(2))));
    }
    case UNARY_GELU:
      return half(x, erf(f32x4.mul(x, splat(0.70710678118654752440))));
    case UNARY_GELU_NEW: {
      const cube = f32x4.mul(f32x4.mul(x, x), f32x4.mul(x, splat(0.044715)));
      return half(x, tanh(f32x4.mul(splat(0.79788456080286535588), f32x4.add(x, cube))));
    }
    case UNARY_EXP:
      return exp(x);
    case UNARY_AFFINE:
      return f32x4.add(f32x4.mul(x, alpha), beta);
    case UNARY_HARD_SIGMOID6:
      return relu6Part(x);
    case UNARY_HARD_SWISH:
      return f32x4.mul(x, relu6Part(x));
    case UNARY_ABS:
      return f32x4.abs(x);
    case UNARY_COS:
      return sines(x, 1);
    case UNARY_ERF:
      return erf(x);
    case UNARY_FLOOR:
      return f32x4.floor(x);
    case UNARY_LOG:
      return log(x);
    case UNARY_RECIPROCAL:
      return f32x4.div(splat(1), x);
    case UNARY_RSQRT:
      return f32x4.div(splat(1), f32x4.sqrt(x));
    case UNARY_SIN:
      return sines(x, 0);
    case UNARY_SQRT:
      return f32x4.sqrt(x);
    case UNARY_SQUARE:
      return f32x4.mul(x, x);
    default:
      return x;
  }
}

/** The sine of each lane, or with `turns` 1 a quarter turn on: its cosine. */
function sines(x: v128, turns: i32): v128 {
  const low = f32x4.replace_lane(splat(sine(f32x4.extract_lane(x, 0), turns)), 1, sine(f32x4.extract_lane(x, 1), turns));
  return f32x4.replace_lane(f32x4.replace_lane(low, 2, sine(f32x4.extract_lane(x, 2), turns)), 3, sine(f32x4.extract_lane(x, 3), turns));
}

function powers(a: v128, b: v128): v128 {
  const p0 = power(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0));
  const p1 = power(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1));
  const p2 = power(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2));
  const p3 = power(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3));
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(splat(p0), 1, p1), 2, p2), 3, p3);
}

/** relu6(x + 3) / 6, divided as Keras does: a reciprocal would be off by a rounding. */
// @ts-ignore: decorator
@inline
function relu6Part(x: v128): v128 {
  return f32x4.div(clamp(f32x4.add(x, splat(3)), splat(0), splat(6)), splat(6));
}

/** x / 2 * (1 + y). */
// @ts-ignore: decorator
@inline
function half(x: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(x, splat(0.5)), f32x4.add(splat(1), y));
}

/**
 * `y = op(x)` over `count` consecutive floats, rounded up to fours; `y` may be `x`. For `op`, `alpha` and `beta` see
 * `UNARY`.
 */
export function unary(op: i32, x: usize, y: usize, count: i32, alpha: f32, beta: f32): void {
  const a = splat(alpha);
  const b = splat(beta);
  for (; count > 0; count -= 4, x += 16, y += 16) v128.store(y, apply(op, v128.load(x), a, b));
}

/**
 * ReLU with a threshold, a slope below it and a maximum: `y = x > threshold ? min(x, most) : slope * (x - threshold)`
 * over `count` floats, rounded up to fours; `y` may be `x`.
 */
export function thresholdRelu(x: usize, y: usize, count: i32, most: f32, slope: f32, threshold: f32): void {
  const m = splat(most);
  const s = splat(slope);
  const t = splat(threshold);
  for (; count > 0; count -= 4, x += 16, y += 16) {
    const v = v128.load(x);
    v128.store(y, select(f32x4.gt(v, t), f32x4.pmin(v, m), f32x4.mul(s, f32x4.sub(v, t))));
  }
}

// @ts-ignore: decorator
@inline
function combine(op: i32, a: v128, b: v128): v128 {
  switch (op) {
    case BINARY_ADD:
      return f32x4.add(a, b);
    case BINARY_SUBTRACT:
      return f32x4.sub(a, b);
    case BINARY_MULTIPLY:
      return f32x4.mul(a, b);
    case BINARY_MAXIMUM:
      return f32x4.max(a, b);
    case BINARY_MINIMUM:
      return f32x4.min(a, b);
    case BINARY_DIVIDE:
      return f32x4.div(a, b);
    case BINARY_POWER:
      return powers(a, b);
    case BINARY_SQUARED_DIFFERENCE: {
      const d = f32x4.sub(a, b);
      return f32x4.mul(d, d);
    }
    default:
      return select(f32x4.lt(a, splat(0)), f32x4.mul(a, b), a);
  }
}

/**
 * `y = op(a, b)` over `rows` rows of `count` floats, of which none behind is written; `y` may be `a` or `b`. Stride 0
 * repeats a row. `splats` 1: each row of `a` is one float for all of the row; 2: the same for `b` (so stride 4 and
 * splats 2 is a value per channel of planes).
 */
export function binary(
  op: i32, a: usize, b: usize, y: usize, rows: i32, count: i32, aStride: usize, bStride: usize, yStride: usize, splats: i32,
): void {
  for (; rows > 0; rows--, a += aStride, b += bStride, y += yStride) {
    let p = a, q = b, to = y;
    let va = v128.load_splat<f32>(a);
    let vb = v128.load_splat<f32>(b);
    let left = count;
    for (; left >= 4; left -= 4, p += 16, q += 16, to += 16) {
      if (!(splats & 1)) va = v128.load(p);
      if (!(splats & 2)) vb = v128.load(q);
      v128.store(to, combine(op, va, vb));
    }
    for (; left > 0; left--, p += 4, q += 4, to += 4) {
      if (!(splats & 1)) va = v128.load_splat<f32>(p);
      if (!(splats & 2)) vb = v128.load_splat<f32>(q);
      store<f32>(to, f32x4.extract_lane(combine(op, va, vb), 0));
    }
  }
}

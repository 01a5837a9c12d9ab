/** Codes of the element-wise functions of one argument, for `unary`, `lstm` and the `gru` kernels. */
export const UNARY = {
  linear: 0,
  /** `alpha` is the slope below zero: leaky ReLU; 0 is ReLU. */
  relu: 1,
  /** Held between `alpha` and `beta`. */
  clamp: 2,
  /** `alpha * (exp(x) - 1)` below zero. */
  elu: 3,
  selu: 4,
  sigmoid: 5,
  /** `clamp(0.2 x + 0.5, 0, 1)`. */
  hardSigmoid: 6,
  tanh: 7,
  softplus: 8,
  softsign: 9,
  /** `x * sigmoid(x)`, also called SiLU. */
  swish: 10,
  /** `x * tanh(softplus(x))`. */
  mish: 11,
  /** `x / 2 * (1 + erf(x / sqrt(2)))`. */
  gelu: 12,
  /** The tanh approximation of `gelu`. */
  geluNew: 13,
  exp: 14,
  /** `alpha * x + beta`. */
  affine: 15,
  /** `clamp(x + 3, 0, 6) / 6`. */
  hardSigmoid6: 16,
  /** `x * clamp(x + 3, 0, 6) / 6`. */
  hardSwish: 17,
} as const;

/** Codes of the element-wise functions of two arguments, for `binary`. */
export const BINARY = {
  add: 0,
  subtract: 1,
  multiply: 2,
  maximum: 3,
  minimum: 4,
  divide: 5,
  /** `a` where positive, `a * b` elsewhere: parametric ReLU. */
  prelu: 6,
} as const;

/** Codes of what `pool` and `reduce` make of a window or a row. `mean` in `pool` leaves padding out of the count. */
export const REDUCE = {max: 0, mean: 1, sum: 2, min: 3} as const;

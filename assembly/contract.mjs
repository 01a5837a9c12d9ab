// What AssemblyScript and TypeScript must agree on beside the kernels' own parameters: codes, sizes of tiles, and how
// packed weights lie in memory. scripts/build-kernels.mjs writes constants for both from it.

/**
 * Codes by name, counted from 0 in the order they are listed. A code that needs a word has it as `[name, what]`.
 * AssemblyScript gets `UNARY_RELU`, TypeScript `UNARY.relu`.
 */
export const codes = {
  UNARY: {
    what: 'Codes of the element-wise functions of one argument, for `unary`, `lstm` and the `gru` kernels.',
    names: [
      'linear',
      ['relu', '`alpha` is the slope below zero: leaky ReLU; 0 is ReLU.'],
      ['clamp', 'Held between `alpha` and `beta`.'],
      ['elu', '`alpha * (exp(x) - 1)` below zero.'],
      'selu',
      'sigmoid',
      ['hardSigmoid', '`clamp(0.2 x + 0.5, 0, 1)`.'],
      'tanh',
      'softplus',
      'softsign',
      ['swish', '`x * sigmoid(x)`, also called SiLU.'],
      ['mish', '`x * tanh(softplus(x))`.'],
      ['gelu', '`x / 2 * (1 + erf(x / sqrt(2)))`.'],
      ['geluNew', 'The tanh approximation of `gelu`.'],
      'exp',
      ['affine', '`alpha * x + beta`.'],
      ['hardSigmoid6', '`clamp(x + 3, 0, 6) / 6`.'],
      ['hardSwish', '`x * clamp(x + 3, 0, 6) / 6`.'],
      'abs',
      'cos',
      'erf',
      'floor',
      ['log', 'Natural.'],
      ['reciprocal', '`1 / x`.'],
      ['rsqrt', '`1 / sqrt(x)`.'],
      'sin',
      'sqrt',
      ['square', '`x * x`.'],
    ],
  },
  BINARY: {
    what: 'Codes of the element-wise functions of two arguments, for `binary`.',
    names: [
      'add',
      'subtract',
      'multiply',
      'maximum',
      'minimum',
      'divide',
      ['prelu', '`a` where positive, `a * b` elsewhere: parametric ReLU.'],
      ['power', '`a` to the power of `b`, as `Math.pow` has it.'],
      ['squaredDifference', '`(a - b)` squared.'],
    ],
  },
  REDUCE: {
    what: 'Codes of what `pool` and `reduce` make of a window or a row. `mean` in `pool` leaves padding out of the count.',
    names: ['max', 'mean', 'sum', 'min', 'product'],
  },
};

/** Whole numbers by name: `[value, what]`. */
export const sizes = {
  RESERVED_BYTES: [65536, "The low end of an engine's memory, one page, that belongs to the kernels as scratch."],
  SLAB_INPUTS: [16384, 'Inputs a 16-bit byte offset reaches: a wider matrix is packed as several slabs of inputs.'],
  CSR_WIDE_TILE: [28, 'Pixels of the widest tile of `csrPixels1x28`: seven vectors.'],
  CSR_MIDDLE_TILE: [16, 'Pixels of its middle tile.'],
  BLOCK_WIDE_TILE: [8, 'Pixels of the wide tile of `blockPixels4x8` and `densePixels4x8`.'],
  MATMUL_INPUTS: [1024, 'Inputs of the panel that `matmul4x8` packs at a time: half of the reserved page.'],
  TILE: [4, 'Pixels of the narrowest tile: one vector.'],
};

/**
 * Records of programs and of packed weights: 32-bit words by name in their order, `_` for one without a meaning,
 * `name*4` for four of them. AssemblyScript gets byte offsets (`SLAB_ROWS`, `SLAB_BYTES`), TypeScript words
 * (`SLAB.rows`, `SLAB.bytes`).
 */
export const records = {
  CALL: ['code', 'arguments', 'terms'],
  TERM: ['argument', 'counter', 'factor'],
  LOOP: ['code', 'body', 'times', 'perExample'],
  VECTOR: ['slabs', 'biasBytes', '_', '_'],
  SLAB: ['rows', 'inputOffset', 'inputBytes', 'weightsAt', 'indicesAt', 'next', '_', '_'],
  VECTOR_ROW: ['units', 'output'],
  DENSE_VECTOR: ['groups', 'inputs', '_', '_'],
  CSR_PIXELS: ['rows', 'band', '_', '_'],
  CSR_ROW: ['entries', 'output', 'bias', 'ahead'],
  CSR_ENTRY: ['weight', 'input'],
  BLOCK_PIXELS: ['groups', 'inputs', '_', '_'],
  GROUP: ['blocks', '_*3', 'output*4', 'bias*4'],
  BLOCK: ['input', 'weight*4'],
  DEPTHWISE: [
    ...['channels', 'multiplier', 'phases', 'xPlane', 'xRow', 'strideColumns', 'scratchBytes', 'scratchRow'],
    ...['outHeight', 'outWidth', 'yPlane', 'yRow', 'phaseRow', '_*3'],
  ],
  PHASE: ['from', 'to', 'rows', 'columns'],
  DEPTHWISE_ROW: ['entries', 'bias'],
  DEPTHWISE_ENTRY: ['weight', 'input'],
  RESIZE_ENTRY: ['first', 'second', 'fraction'],
};

/**
 * What the WebAssembly module exports. Offsets and strides in bytes, counts in elements, all values 32-bit floats.
 * `weights` is the offset of packed weights, `x` of the input, `y` of the output; outputs must not overlap inputs
 * unless said otherwise.
 */
export interface Kernels {
  /** Sparse matrix (CSR) times one feature vector, clamped to `[low, high]`. */
  csrVector(weights: number, x: number, y: number, low: number, high: number): void;
  /** The same for blocks of four outputs at one input. */
  blockVector(weights: number, x: number, y: number, low: number, high: number): void;
  /** The same for blocks of four inputs at one output. */
  inputBlockVector(weights: number, x: number, y: number, low: number, high: number): void;
  /** The same for a dense matrix. */
  denseVector(weights: number, x: number, y: number, low: number, high: number): void;
  /** Sparse matrix (CSR) times `pixels` consecutive pixels of every input plane, clamped to `[low, high]`. */
  csrPixels(weights: number, x: number, y: number, pixels: number, low: number, high: number): void;
  /** The same for blocks of four outputs at one input. */
  blockPixels(weights: number, x: number, y: number, pixels: number, low: number, high: number): void;
  /** The same for a dense matrix. */
  densePixels(weights: number, x: number, y: number, pixels: number, low: number, high: number): void;
  /**
   * Depthwise convolution of planes, clamped to `[low, high]`; geometry is packed with the weights (`packDepthwise`).
   * `scratch` takes the `scratchBytes` of a plan with one channel.
   */
  depthwise(weights: number, x: number, y: number, scratch: number, low: number, high: number): void;

  /** `count` floats at `y` become `value`. */
  fill(y: number, count: number, value: number): void;
  /** Copies a box of `n0 x n1 x n2` floats between any strides, also 0 and (as signed numbers) negative ones. */
  copy(
    x: number,
    y: number,
    ...boxAndStrides: [
      ...[n0: number, n1: number, n2: number],
      ...[xStride0: number, xStride1: number, xStride2: number],
      ...[yStride0: number, yStride1: number, yStride2: number],
    ]
  ): void;
  /** `y[column][row] = x[row][column]`, strides from row to row of `x` and of `y`. */
  transpose(x: number, y: number, rows: number, columns: number, xStride: number, yStride: number): void;
  /**
   * Lays out planes for a convolution: surrounds each with `value` and splits it by stride into phases. Pixel
   * `(row * strideRows + phaseRow - top, column * strideColumns + phaseColumn - left)` of the input goes to
   * `(row, column)` of the output, which has `outRows` rows of `outColumns`, and is `value` outside of the input. Call it once for a phase.
   */
  pad(
    x: number,
    y: number,
    ...geometry: [
      ...[planes: number, height: number, width: number, xPlane: number, xRow: number],
      ...[outRows: number, outColumns: number, yPlane: number],
      ...[strideRows: number, strideColumns: number, top: number, left: number, value: number],
    ]
  ): void;

  /** `y = op(x)` over `count` consecutive floats; `y` may be `x`. For `op`, `alpha` and `beta` see `UNARY`. */
  unary(op: number, x: number, y: number, count: number, alpha: number, beta: number): void;
  /**
   * `y = op(a, b)` over `rows` rows of `count` floats; `y` may be `a` or `b`. Stride 0 repeats a row. `splat` 1: each row of
   * `a` is one float for all of the row; 2: the same for `b` (so stride 4 and splat 2 is a value per channel of planes).
   */
  binary(
    op: number,
    a: number,
    b: number,
    y: number,
    ...shape: [rows: number, count: number, aStride: number, bStride: number, yStride: number, splat: number]
  ): void;
  /** One float at `y + row * yStride` for each row of `count` floats; `op` from `REDUCE`. */
  reduce(op: number, x: number, y: number, rows: number, count: number, xStride: number, yStride: number): void;
  /** Softmax of each row of `count` floats, its logarithm when `log` is 1; `y` may be `x`. */
  softmax(x: number, y: number, rows: number, count: number, xStride: number, yStride: number, log: number): void;
  /** Each row scaled to mean 0 and variance 1, times `gamma` plus `beta` (offsets of `count` floats); `y` may be `x`. */
  layerNorm(
    x: number,
    y: number,
    ...shape: [
      ...[rows: number, count: number, xStride: number, yStride: number],
      ...[gamma: number, beta: number, epsilon: number],
    ]
  ): void;
  /** Pooling over windows of planes; `op` is `REDUCE.max` or `REDUCE.mean`. Windows are clipped to the input. */
  pool(
    op: number,
    x: number,
    y: number,
    ...geometry: [
      ...[planes: number, height: number, width: number, xPlane: number, xRow: number],
      ...[outHeight: number, outWidth: number, yPlane: number, yRow: number],
      ...[windowHeight: number, windowWidth: number, strideRows: number, strideColumns: number],
      ...[top: number, left: number],
    ]
  ): void;
  /**
   * Planes at another size. `rows` and `columns` are offsets of tables of one entry an output row or column: bytes to the
   * two rows or columns of the input that it lies between, and the fraction of the way as a float (`resizeTable`).
   */
  resize(
    x: number,
    y: number,
    ...geometry: [
      ...[planes: number, xPlane: number],
      ...[outHeight: number, outWidth: number, yPlane: number, yRow: number],
      ...[rows: number, columns: number],
    ]
  ): void;

  /**
   * The gates of one LSTM step. `zx` and `zh` (input and recurrent product, summed here) hold `[i, f, c, o]` of `units`
   * floats each; cell `c` and hidden state `h` are updated in place. `units` must be a multiple of 4, or each gate
   * padded to one: `gateStride` bytes lead from gate to gate. `gateOp`, `cellOp`: `UNARY` codes with alpha 1.
   */
  lstm(
    zx: number,
    zh: number,
    c: number,
    h: number,
    ...shape: [units: number, gateStride: number, gateOp: number, cellOp: number]
  ): void;
  /** One GRU step with `resetAfter`: `zx`, `zh` hold `[z, r, h]`, biases included; `h` is updated in place. */
  gru(
    zx: number,
    zh: number,
    h: number,
    ...shape: [units: number, gateStride: number, gateOp: number, cellOp: number]
  ): void;
  /**
   * First half of a GRU step without `resetAfter`: `zh` (two gates, `[z, r]`) is added to `zx`, both get `gateOp`, z stays in
   * `zx`, and `rh = r * h` is what the recurrent kernel of the candidate multiplies next.
   */
  gruReset(zx: number, zh: number, h: number, rh: number, units: number, gateStride: number, gateOp: number): void;
  /** Second half: `h = z * h + (1 - z) * cellOp(candidate of zx + zc)`, z and the candidate in `zx`, in place. */
  gruUpdate(zx: number, zc: number, h: number, units: number, gateStride: number, cellOp: number): void;
}

/**
 * The kernels of the engine: WebAssembly functions over one linear memory, and the weight formats they read.
 *
 * **Memory.** One `WebAssembly.Memory` per engine, made by the caller. There is no allocator inside: every argument
 * that names data is a byte offset planned by the caller. Bytes below {@link RESERVED_BYTES} belong to the kernels
 * (scratch); plan from there on. Every region starts at a multiple of {@link ALIGNMENT} bytes and its size is rounded
 * up to one ({@link alignedBytes}); kernels may read and overwrite the padding at a region's end. Regions read at `x`
 * by the `...Pixels` kernels need {@link READ_SLACK} readable bytes behind them (any content); inside a plan the next
 * region serves, so it is enough to end the memory with that many spare bytes.
 *
 * **Activations.** Two layouts of 32-bit floats:
 * - *planes*: an image is channel-major, `[batch][channel][plane]`. A plane holds rows of pixels; `planeStride` bytes
 *   from plane to plane is a multiple of 16 (a 7x7 plane takes 52 floats). The padding after a plane's pixels has no
 *   meaning. Sequences are images of height 1; a batch of feature vectors is one image whose pixels are the batch:
 *   `[feature][batch]`, so that a dense layer over a batch is a 1x1 convolution.
 * - *rows*: feature vectors one after the other, `[batch][feature]`, row stride a multiple of 16 bytes.
 *   NHWC images are rows of pixels. `transpose` leads from one layout to the other.
 *
 * **Weights.** A weight matrix is `[inputs, outputs]` row-major, as Keras stores dense kernels, and convolution kernels
 * once `[height, width, channel]` are one axis. `packVector` packs it for one feature vector (`csrVector1x4`, ...),
 * `packPixels` for planes (`csrPixels1x28`, ...). Packed weights are position-free bytes: write them at any aligned
 * offset and pass that offset as `weights`. Geometry (input offset of each matrix row, output offset of each column) is
 * packed in, so a k x k convolution is the 1x1 kernel with other offsets: see `planConvolution`. Depthwise convolutions
 * have a kernel of their own (`packDepthwise`). `estimateNs` says which format of a layer is the fastest.
 *
 * **Activation functions.** `...Vector` and `...Pixels` clamp to `[low, high]` as they store: `(0, Infinity)` is ReLU,
 * `(0, 6)` ReLU6, `(-Infinity, Infinity)` nothing. All others run in place afterwards: `unary`, `softmax`.
 *
 * All arguments are numbers; counts count elements, strides and offsets are bytes.
 */
export {BINARY, CALL, LOOP, REDUCE, RESERVED_BYTES, TERM, UNARY} from './contract.generated.ts';
export * from './convolution.ts';
export * from './cost.ts';
export * from './memory.ts';
export * from './module.ts';
export * from './pack-depthwise.ts';
export * from './pack-pixels.ts';
export * from './pack-vector.ts';
export type {
  PackedWeights,
  PixelsGeometry,
  PixelsKernel,
  VectorKernel,
  WeightFormat,
  WeightMatrix,
} from './packed.ts';
export * from './resize-table.ts';
export type {Kernels} from './signatures.generated.ts';
export {PARAMETERS} from './signatures.generated.ts';

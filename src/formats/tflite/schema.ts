/**
 * The tables of a `.tflite` file, which is a FlatBuffer: what stands in which field. Names are ours, numbers the
 * format's. The options of operators stand in `schema-operators.ts`.
 */

/** Four bytes at place 4 of every file. */
export const FILE_IDENTIFIER = 'TFL3';

/** `MODEL.version` of every file. */
export const SCHEMA_VERSION = 3;

/** Numbers of the fields of each table. */
export const TABLES = {
  /** The root. `buffers[0]` is empty: tensors without content point to it. */
  model: {
    version: 0,
    operatorCodes: 1,
    subgraphs: 2,
    description: 3,
    buffers: 4,
    metadata: 6,
    signatures: 7,
  },
  /**
   * An operator and the version of it that the file needs. `deprecatedCode` is an int8: 127 for all codes beyond it.
   */
  operatorCode: {deprecatedCode: 0, customCode: 1, version: 2, code: 3},
  subgraph: {tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4},
  tensor: {
    shape: 0,
    type: 1,
    buffer: 2,
    name: 3,
    quantization: 4,
    isVariable: 5,
    sparsity: 6,
    shapeSignature: 7,
    hasRank: 8,
  },
  /** `real = scale * (stored - zeroPoint)`; with more than one scale they run along `dimension`. */
  quantization: {min: 0, max: 1, scale: 2, zeroPoint: 3, dimension: 6},
  /** How the stored values of a sparse tensor lie. */
  sparsity: {traversalOrder: 0, blockMap: 1, dimensions: 2},
  /** One level of a sparse tensor: `dense` with its size, or compressed with segments and indices, each a union. */
  sparseDimension: {format: 0, denseSize: 1, segmentsType: 2, segments: 3, indicesType: 4, indices: 5},
  /** Every member of the union of `segments` and `indices`. */
  sparseVector: {values: 0},
  /** Tensor -1 is an input that is left out. */
  operator: {
    codeIndex: 0,
    inputs: 1,
    outputs: 2,
    optionsType: 3,
    options: 4,
    customOptions: 5,
    intermediates: 8,
  },
  /** A file of over 2 GiB keeps the bytes behind the FlatBuffer, at `offset`. */
  buffer: {data: 0, offset: 1, size: 2},
  metadata: {name: 0, buffer: 1},
  signature: {inputs: 0, outputs: 1, key: 2, subgraph: 4},
  signatureTensor: {name: 0, tensor: 1},
} as const;

/** Numbers of the types of tensors. */
export const TENSOR_TYPES = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  string: 5,
  bool: 6,
  int16: 7,
  int8: 9,
  float64: 10,
} as const;

/** A type of tensor that has a number here. */
export type TensorType = keyof typeof TENSOR_TYPES;

/** Numbers of the forms of one level of a sparse tensor. */
export const DIMENSION_FORMATS = {dense: 0, compressed: 1} as const;

/** Numbers of the integers that segments and indices of a sparse tensor are stored in. */
export const SPARSE_VECTORS = {int32: 1, uint16: 2, uint8: 3} as const;

/** Numbers of the activations that an operator may apply to its output. */
export const FUSED_ACTIVATIONS = {none: 0, relu: 1, reluMinus1To1: 2, relu6: 3, tanh: 4, sign: 5} as const;

/** Numbers of what stands around an image. */
export const PADDINGS = {same: 0, valid: 1} as const;

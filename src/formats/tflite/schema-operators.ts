/** Kinds of a field of an operator's options; bool, int8 and float32 as in the format, `int32s` is a vector. */
type Kind = 'bool' | 'float32' | 'int32' | 'int32s' | 'int8';

/** One field of options: its number, its kind, and what it is where it is absent (0, false or empty unless given). */
type Field = readonly [number: number, kind: Kind, absent?: number | boolean];

/** An operator of the format: its code, and its table of options by the union that holds it; null where it has none. */
export interface OperatorSchema {
  readonly code: number;
  readonly options: {readonly union: number; readonly fields: Readonly<Record<string, Field>>} | null;
}

const none = (code: number): OperatorSchema => ({code, options: null});
const empty = (code: number, union: number): OperatorSchema => ({code, options: {union, fields: {}}});
const some = (code: number, union: number, fields: Readonly<Record<string, Field>>): OperatorSchema => ({
  code,
  options: {union, fields},
});

const image = {padding: [0, 'int8'], strideWidth: [1, 'int32'], strideHeight: [2, 'int32']} as const;
const pool = {
  ...image,
  filterWidth: [3, 'int32'],
  filterHeight: [4, 'int32'],
  activation: [5, 'int8'],
} as const satisfies Record<string, Field>;
const fused = {activation: [0, 'int8']} as const satisfies Record<string, Field>;
const fused16 = {...fused, potScale: [1, 'bool', true]} as const satisfies Record<string, Field>;
const reduce = {keepDims: [0, 'bool']} as const satisfies Record<string, Field>;

/** Name of an operator that has a row here, as the format has it. */
export type OperatorName =
  | 'ABS'
  | 'ADD'
  | 'ARG_MAX'
  | 'ARG_MIN'
  | 'AVERAGE_POOL_2D'
  | 'BATCH_MATMUL'
  | 'BATCH_TO_SPACE_ND'
  | 'BROADCAST_TO'
  | 'CAST'
  | 'CEIL'
  | 'CONCATENATION'
  | 'CONV_2D'
  | 'COS'
  | 'DENSIFY'
  | 'DEPTHWISE_CONV_2D'
  | 'DEPTH_TO_SPACE'
  | 'DEQUANTIZE'
  | 'DIV'
  | 'ELU'
  | 'EMBEDDING_LOOKUP'
  | 'EQUAL'
  | 'EXP'
  | 'EXPAND_DIMS'
  | 'FLOOR'
  | 'FLOOR_DIV'
  | 'FULLY_CONNECTED'
  | 'GATHER'
  | 'GELU'
  | 'GREATER'
  | 'GREATER_EQUAL'
  | 'HARD_SWISH'
  | 'L2_NORMALIZATION'
  | 'LEAKY_RELU'
  | 'LESS'
  | 'LESS_EQUAL'
  | 'LOG'
  | 'LOGISTIC'
  | 'LOG_SOFTMAX'
  | 'MAXIMUM'
  | 'MAX_POOL_2D'
  | 'MEAN'
  | 'MINIMUM'
  | 'MIRROR_PAD'
  | 'MUL'
  | 'NEG'
  | 'NOT_EQUAL'
  | 'PACK'
  | 'PAD'
  | 'PADV2'
  | 'POW'
  | 'PRELU'
  | 'QUANTIZE'
  | 'REDUCE_MAX'
  | 'REDUCE_MIN'
  | 'REDUCE_PROD'
  | 'RELU'
  | 'RELU6'
  | 'RELU_0_TO_1'
  | 'RELU_N1_TO_1'
  | 'RESHAPE'
  | 'RESIZE_BILINEAR'
  | 'RESIZE_NEAREST_NEIGHBOR'
  | 'REVERSE_V2'
  | 'ROUND'
  | 'RSQRT'
  | 'SELECT'
  | 'SELECT_V2'
  | 'SHAPE'
  | 'SIGN'
  | 'SIN'
  | 'SLICE'
  | 'SOFTMAX'
  | 'SPACE_TO_BATCH_ND'
  | 'SPACE_TO_DEPTH'
  | 'SPLIT'
  | 'SPLIT_V'
  | 'SQRT'
  | 'SQUARE'
  | 'SQUARED_DIFFERENCE'
  | 'SQUEEZE'
  | 'STRIDED_SLICE'
  | 'SUB'
  | 'SUM'
  | 'TANH'
  | 'TILE'
  | 'TRANSPOSE'
  | 'TRANSPOSE_CONV'
  | 'UNIDIRECTIONAL_SEQUENCE_LSTM'
  | 'UNIDIRECTIONAL_SEQUENCE_RNN'
  | 'UNPACK';

/** Every operator that is read or written here, by the format's name. */
export const OPERATORS: Readonly<Record<OperatorName, OperatorSchema>> = {
  ABS: empty(101, 78),
  ADD: some(0, 11, fused16),
  ARG_MAX: some(56, 40, {outputType: [0, 'int8']}),
  ARG_MIN: some(79, 57, {outputType: [0, 'int8']}),
  AVERAGE_POOL_2D: some(1, 5, pool),
  BATCH_MATMUL: some(126, 101, {transposeA: [0, 'bool'], transposeB: [1, 'bool'], asymmetricInputs: [2, 'bool']}),
  BATCH_TO_SPACE_ND: empty(37, 24),
  BROADCAST_TO: empty(130, 104),
  CAST: some(53, 37, {from: [0, 'int8'], to: [1, 'int8']}),
  CEIL: none(104),
  CONCATENATION: some(2, 10, {axis: [0, 'int32'], activation: [1, 'int8']}),
  CONV_2D: some(3, 1, {
    ...image,
    activation: [3, 'int8'],
    dilationWidth: [4, 'int32', 1],
    dilationHeight: [5, 'int32', 1],
  }),
  COS: empty(108, 84),
  DENSIFY: empty(124, 99),
  DEPTHWISE_CONV_2D: some(4, 2, {
    ...image,
    multiplier: [3, 'int32'],
    activation: [4, 'int8'],
    dilationWidth: [5, 'int32', 1],
    dilationHeight: [6, 'int32', 1],
  }),
  DEPTH_TO_SPACE: some(5, 94, {block: [0, 'int32']}),
  DEQUANTIZE: empty(6, 38),
  DIV: some(42, 29, fused),
  ELU: none(111),
  EMBEDDING_LOOKUP: none(7),
  EQUAL: empty(71, 53),
  EXP: empty(47, 33),
  EXPAND_DIMS: empty(70, 52),
  FLOOR: none(8),
  FLOOR_DIV: empty(90, 65),
  FULLY_CONNECTED: some(9, 8, {
    ...fused,
    weightsFormat: [1, 'int8'],
    keepDims: [2, 'bool'],
    asymmetricInputs: [3, 'bool'],
  }),
  GATHER: some(36, 23, {axis: [0, 'int32'], batchDimensions: [1, 'int32']}),
  GELU: some(150, 116, {approximate: [0, 'bool']}),
  GREATER: empty(61, 44),
  GREATER_EQUAL: empty(62, 45),
  HARD_SWISH: empty(117, 91),
  L2_NORMALIZATION: some(11, 12, fused),
  LEAKY_RELU: some(98, 75, {alpha: [0, 'float32']}),
  LESS: empty(58, 41),
  LESS_EQUAL: empty(63, 46),
  LOG: none(73),
  LOGISTIC: none(14),
  LOG_SOFTMAX: empty(50, 36),
  MAXIMUM: empty(55, 39),
  MAX_POOL_2D: some(17, 5, pool),
  MEAN: some(40, 27, reduce),
  MINIMUM: empty(57, 39),
  MIRROR_PAD: some(100, 77, {mode: [0, 'int8']}),
  MUL: some(18, 21, fused),
  NEG: empty(59, 42),
  NOT_EQUAL: empty(72, 54),
  PACK: some(83, 59, {count: [0, 'int32'], axis: [1, 'int32']}),
  PAD: empty(34, 22),
  PADV2: empty(60, 43),
  POW: empty(78, 56),
  PRELU: none(54),
  QUANTIZE: empty(114, 89),
  REDUCE_MAX: some(82, 27, reduce),
  REDUCE_MIN: some(89, 27, reduce),
  REDUCE_PROD: some(81, 27, reduce),
  RELU: none(19),
  RELU6: none(21),
  RELU_0_TO_1: none(152),
  RELU_N1_TO_1: none(20),
  RESHAPE: some(22, 17, {shape: [0, 'int32s']}),
  RESIZE_BILINEAR: some(23, 15, {alignCorners: [2, 'bool'], halfPixelCenters: [3, 'bool']}),
  RESIZE_NEAREST_NEIGHBOR: some(97, 74, {alignCorners: [0, 'bool'], halfPixelCenters: [1, 'bool']}),
  REVERSE_V2: empty(105, 81),
  ROUND: none(116),
  RSQRT: none(76),
  SELECT: empty(64, 47),
  SELECT_V2: empty(123, 98),
  SHAPE: some(77, 55, {outputType: [0, 'int8']}),
  SIGN: empty(158, 123),
  SIN: none(66),
  SLICE: empty(65, 48),
  SOFTMAX: some(25, 9, {beta: [0, 'float32']}),
  SPACE_TO_BATCH_ND: empty(38, 25),
  SPACE_TO_DEPTH: some(26, 19, {block: [0, 'int32']}),
  SPLIT: some(49, 35, {count: [0, 'int32']}),
  SPLIT_V: some(102, 79, {count: [0, 'int32']}),
  SQRT: none(75),
  SQUARE: empty(92, 66),
  SQUARED_DIFFERENCE: empty(99, 76),
  SQUEEZE: some(43, 30, {axes: [0, 'int32s']}),
  STRIDED_SLICE: some(45, 32, {
    beginMask: [0, 'int32'],
    endMask: [1, 'int32'],
    ellipsisMask: [2, 'int32'],
    newAxisMask: [3, 'int32'],
    shrinkAxisMask: [4, 'int32'],
  }),
  SUB: some(41, 28, fused16),
  SUM: some(74, 27, reduce),
  TANH: none(28),
  TILE: empty(69, 51),
  TRANSPOSE: empty(39, 26),
  TRANSPOSE_CONV: some(67, 49, {...image, activation: [3, 'int8']}),
  UNIDIRECTIONAL_SEQUENCE_LSTM: some(44, 71, {
    ...fused,
    cellClip: [1, 'float32'],
    projectionClip: [2, 'float32'],
    timeMajor: [3, 'bool'],
    asymmetricInputs: [4, 'bool'],
    diagonal: [5, 'bool'],
  }),
  UNIDIRECTIONAL_SEQUENCE_RNN: some(35, 31, {timeMajor: [0, 'bool'], activation: [1, 'int8']}),
  UNPACK: some(88, 64, {count: [0, 'int32'], axis: [1, 'int32']}),
};

import type {OperatorName} from '../schema-operators.ts';
import type {FileOperator, FileTensor} from './file-model.ts';

/** Versions of operators that are not 1: on floats, on int8, and by what the operator asks for. */
interface Versions {
  readonly float?: number;
  readonly int8?: number;
  /** The version that options or inputs need, where that is higher. */
  readonly atLeast?: (operator: FileOperator, inputs: readonly (FileTensor | undefined)[]) => number;
}

/** Int8 came with version 2 of most operators. */
const PLAIN: Versions = {int8: 2};
const ONE: Versions = {};

/** An activation of its own came with version 4, which the oldest runtime lacks: it is never fused. */
const TRANSPOSE_CONV: Versions = {float: 3, int8: 3};

const halfPixels = (operator: FileOperator): number => (operator.options['halfPixelCenters'] === true ? 3 : 1);

/** What each operator needs; those not here need 1, on int8 2. */
const VERSIONS: {readonly [Name in OperatorName]?: Versions} = {
  BROADCAST_TO: {float: 2, int8: 2},
  CONV_2D: {int8: 3},
  DENSIFY: ONE,
  DEPTHWISE_CONV_2D: {int8: 3, atLeast: ({options}) => (isDilated(options) ? 2 : 1)},
  DEQUANTIZE: {int8: 2, atLeast: (_, [from]) => (from?.type === 'float16' ? 3 : 1)},
  ELU: ONE,
  EXPAND_DIMS: ONE,
  FULLY_CONNECTED: {
    int8: 4,
    atLeast: ({options}, [, weights]) => (weights?.constant?.sparsity ? 8 : options['keepDims'] === true ? 5 : 1),
  },
  HARD_SWISH: ONE,
  LEAKY_RELU: ONE,
  PRELU: ONE,
  QUANTIZE: ONE,
  RELU_0_TO_1: ONE,
  RESHAPE: ONE,
  RESIZE_BILINEAR: {int8: 2, atLeast: halfPixels},
  RESIZE_NEAREST_NEIGHBOR: {int8: 2, atLeast: halfPixels},
  REVERSE_V2: ONE,
  TILE: ONE,
  TRANSPOSE_CONV,
};

/** The version of an operator that the file asks runtimes for: the lowest that computes what it says. */
export function versionOf(operator: FileOperator, tensors: readonly FileTensor[]): number {
  const {float = 1, int8 = 1, atLeast} = VERSIONS[operator.name] ?? PLAIN;
  const inputs = operator.inputs.map(tensor => tensors[tensor]);
  const isInt8 = [...operator.inputs, ...operator.outputs].some(tensor => tensors[tensor]?.type === 'int8');
  return Math.max(isInt8 ? int8 : float, atLeast?.(operator, inputs) ?? 1);
}

function isDilated(options: FileOperator['options']): boolean {
  return options['dilationWidth'] !== 1 || options['dilationHeight'] !== 1;
}

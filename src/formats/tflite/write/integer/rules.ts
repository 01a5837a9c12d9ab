import type {OperatorName} from '../../schema-operators.ts';
import type {FileTensor, Quantization} from '../file-model.ts';

/**
 * What an operator on int8 asks of the grids of its tensors:
 * - `free`: each has its own;
 * - `same`: inputs and output share one; where they do not, runtimes compute garbage and say nothing;
 * - `weighted`: input and output are free, the kernel has levels around zero, the bias int32 levels of both steps'
 *   product;
 * - a grid: the output has that one and no other.
 *
 * Operators not here have no int8 form that every runtime computes; they stay on floats.
 */
export type GridRule = 'free' | 'same' | 'weighted' | Quantization;

const fixed = (scale: number, zeroPoint: number): Quantization => ({
  scales: [scale],
  zeroPoints: [zeroPoint],
  dimension: 0,
});

export const GRID_RULES: {readonly [Name in OperatorName]?: GridRule} = {
  ABS: 'free',
  ADD: 'free',
  AVERAGE_POOL_2D: 'same',
  BATCH_MATMUL: 'free',
  CONCATENATION: 'same',
  CONV_2D: 'weighted',
  DEPTHWISE_CONV_2D: 'weighted',
  ELU: 'free',
  FULLY_CONNECTED: 'weighted',
  GATHER: 'same',
  GELU: 'free',
  HARD_SWISH: 'free',
  LEAKY_RELU: 'free',
  LOGISTIC: fixed(1 / 256, -128),
  LOG_SOFTMAX: fixed(16 / 256, 127),
  MAXIMUM: 'same',
  MAX_POOL_2D: 'same',
  MEAN: 'free',
  MINIMUM: 'same',
  MIRROR_PAD: 'same',
  MUL: 'free',
  PAD: 'same',
  PADV2: 'same',
  PRELU: 'free',
  REDUCE_MAX: 'same',
  RELU: 'free',
  RELU6: 'free',
  RESHAPE: 'same',
  RESIZE_BILINEAR: 'same',
  RESIZE_NEAREST_NEIGHBOR: 'same',
  RSQRT: 'free',
  SLICE: 'same',
  SOFTMAX: fixed(1 / 256, -128),
  SQUARED_DIFFERENCE: 'free',
  STRIDED_SLICE: 'same',
  SUB: 'free',
  SUM: 'free',
  TANH: fixed(1 / 128, 0),
  TRANSPOSE: 'same',
  TRANSPOSE_CONV: 'weighted',
};

/** The constant that must have levels around zero although it is no kernel: the slopes of a PReLU. */
export function isSymmetric(name: OperatorName, input: number): boolean {
  return name === 'PRELU' && input === 1;
}

/** Whether a tensor holds numbers that have a grid on int8, and not indices, sizes or truth values. */
export function isNumeric({type, constant}: FileTensor): boolean {
  return type === 'float32' && constant?.role !== 'integers';
}

export {type AffineLevels, quantizeAffine} from './affine.ts';
export {type Codebook, quantizeCodebook} from './codebook.ts';
export type {QuantizationError} from './error.ts';
export {
  type EvaluateQuantizationOptions,
  evaluateQuantization,
  type Metric,
  type QuantizationRow,
  type QuantizationTable,
} from './evaluate-quantization.ts';
export {toFloat16} from './float16.ts';
export {
  type QuantizedArtifacts,
  type QuantizedWeight,
  type QuantizeWeightsOptions,
  quantizeWeights,
} from './quantize-weights.ts';
export type {Selection} from './selection.ts';
export {type QuantizationMethod, simulateQuantization} from './simulate.ts';
export {
  dequantizeSymmetric,
  quantizeSymmetric,
  type SymmetricLevels,
  type SymmetricOptions,
} from './symmetric.ts';

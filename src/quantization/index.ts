export type {Metric} from '../artifacts/metric.ts';
export type {Selection} from '../artifacts/selection.ts';
export {
  type QuantizedArtifacts,
  type QuantizedWeight,
  type QuantizeWeightsOptions,
  quantizeWeights,
} from '../oneshot/quantize-weights.ts';
export {type QuantizationMethod, simulateQuantization} from '../oneshot/simulate.ts';
export {type AffineLevels, quantizeAffine} from '../quantizers/affine.ts';
export {type Codebook, quantizeCodebook} from '../quantizers/codebook.ts';
export type {QuantizationError} from '../quantizers/error.ts';
export {toFloat16} from '../quantizers/float16.ts';
export {
  dequantizeSymmetric,
  quantizeSymmetric,
  type SymmetricLevels,
  type SymmetricOptions,
} from '../quantizers/symmetric.ts';
export {
  type EvaluateQuantizationOptions,
  evaluateQuantization,
  type QuantizationRow,
  type QuantizationTable,
} from '../search/evaluate-quantization.ts';

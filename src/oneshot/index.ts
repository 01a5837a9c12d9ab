export {artifactsOf, type ModelArtifacts, type SavableModel, type WeightSpec} from '../artifacts/artifacts.ts';
export type {StoredDtype} from '../artifacts/dtypes.ts';
export type {
  Change,
  ChannelLevels,
  Facts,
  Grid,
  InputShapes,
  Kept,
  ModelFormat,
  NamedWeight,
  OpenModel,
  Transformed,
  Use,
} from '../artifacts/open-model.ts';
export type {Axes, Role} from '../artifacts/roles.ts';
export type {Selection} from '../artifacts/selection.ts';
export {type ErrorCode, isTfmotError, TfmotError} from '../errors.ts';
export type {OpenArtifacts} from '../formats/artifacts-model.ts';
export {openArtifacts} from '../formats/open-artifacts.ts';
export type {Allocation, Contender} from '../masks/allocation.ts';
export type {PatternOptions} from '../masks/pattern-options.ts';
export {type PruneOneShotOptions, pruneOneShot} from './prune.ts';
export {quantizeFile} from './quantize-file.ts';
export {
  type QuantizedArtifacts,
  type QuantizedWeight,
  type QuantizeWeightsOptions,
  quantizeWeights,
} from './quantize-weights.ts';

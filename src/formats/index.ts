export type {ModelArtifacts, WeightSpec} from '../artifacts/artifacts.ts';
export type {StoredDtype} from '../artifacts/dtypes.ts';
export type {
  Change,
  GraphOptions,
  Grid,
  InputShapes,
  ModelFile,
  ModelFormat,
  NamedWeight,
  OpenModel,
  Use,
} from '../artifacts/open-model.ts';
export type {Axes, Role} from '../artifacts/roles.ts';
export {type ErrorCode, isTfmotError, TfmotError} from '../errors.ts';
export type {Graph, LeftNode} from '../graph/graph.ts';
export {type OpenOptions, type OpenSource, open} from './open.ts';

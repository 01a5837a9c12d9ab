export type {TfmotError} from '../errors.ts';
export {isTfmotError} from '../errors.ts';
export type {ModelArtifacts, SavableModel, WeightSpec} from '../graph/artifacts.ts';
export type {CompileOptions} from './compile.ts';
export {compile} from './compile.ts';
export type {Engine, PortDescription} from './engine.ts';
export type {Input} from './feed.ts';
export type {EngineDescription, OpDescription, OpProfile} from './report.ts';
export type {NumberArray, Sample, TensorLike} from './tensors.ts';

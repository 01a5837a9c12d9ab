export type {ModelArtifacts, SavableModel, WeightSpec} from '../artifacts/artifacts.ts';
export type {OpenModel} from '../artifacts/open-model.ts';
export type {TfmotError} from '../errors.ts';
export {isTfmotError} from '../errors.ts';
export type {ModelLoader, ModelSource} from '../inference/model-source.ts';
export type {CArray} from './c-array.ts';
export {cArray} from './c-array.ts';
export type {ConvertOptions, FullIntegerOptions} from './convert.ts';
export {convert} from './convert.ts';

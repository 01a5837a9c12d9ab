export {type ErrorCode, isTfmotError, TfmotError} from './errors.ts';
export * as sparsity from './sparsity/index.ts';

export * as clustering from './clustering/index.ts';
export * as compression from './compression/namespace.ts';
export {type ErrorCode, isTfmotError, TfmotError} from './errors.ts';
export * as inference from './inference/namespace.ts';
export {openLive, setLiveWeights} from './live/open-live.ts';
export * as quantization from './quantization/namespace.ts';
export type {PrunableLayer, PruningPolicy, PruningSchedule} from './sparsity/index.ts';
export * as sparsity from './sparsity/index.ts';

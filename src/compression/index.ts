export type {LoadedArtifacts} from '../artifacts/io-handler.ts';
export {decompress} from '../formats/tfmz/decompress.ts';
export {
  type Compressed,
  type CompressedWeight,
  compress,
  compressWithReport,
} from './compress.ts';
export {type CompressedHandler, compressed} from './compressed.ts';
export type {
  BitsOptions,
  CodebookOptions,
  CompressOptions,
  LosslessOptions,
  LossyOptions,
  StepOptions,
} from './options.ts';

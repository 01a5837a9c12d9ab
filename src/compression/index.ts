export {decompress} from '../formats/tfmz/decompress.ts';
export {
  type Compressed,
  type CompressedWeight,
  compress,
  compressWithReport,
} from './compress.ts';
export {type CompressedHandler, compressed, type LoadedArtifacts} from './compressed.ts';
export type {
  BitsOptions,
  CodebookOptions,
  CompressOptions,
  LosslessOptions,
  LossyOptions,
  StepOptions,
} from './options.ts';

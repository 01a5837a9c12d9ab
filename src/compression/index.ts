export {
  type Compressed,
  type CompressedWeight,
  compress,
  compressWithReport,
} from './compress.ts';
export {type CompressedHandler, compressed, type LoadedArtifacts} from './compressed.ts';
export {decompress} from './decompress.ts';
export type {
  BitsOptions,
  CodebookOptions,
  CompressOptions,
  LosslessOptions,
  LossyOptions,
  StepOptions,
} from './options.ts';

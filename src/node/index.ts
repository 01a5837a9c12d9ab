export {writeFileAtomic} from './atomic.ts';
export {compressedFile} from './compressed-file.ts';
export {type IdxArray, readIdx} from './idx.ts';
export {type ModelFile, modelFolder} from './model-folder.ts';
export {openFile} from './open-file.ts';
export {type RecordedRun, type RecordRunOptions, readRun, recordRun} from './record-run.ts';
export type {LinkOptions} from './regular-file.ts';

export {writeFileAtomic} from './atomic.ts';
export {type IdxArray, readIdx} from './idx.ts';
export {type ModelFolder, modelFolder} from './model-folder.ts';

export {type ErrorCode, isTfmotError, TfmotError} from './errors.ts';

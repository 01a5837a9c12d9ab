import type {Value} from '../../fold/value.ts';
import type {OperationCall} from './call.ts';

/** The import rule of one operation on tensors: adds ops for one call of it. */
export type Operation = (call: OperationCall) => Value | Value[];

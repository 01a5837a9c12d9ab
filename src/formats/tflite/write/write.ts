import type {Graph} from '../../../graph/graph.ts';
import {draftModel} from './draft.ts';
import {emitOp} from './emit/index.ts';
import {legalize} from './legalize/index.ts';
import {serialize} from './serialize.ts';

/** How a graph becomes a file. */
export interface WriteOptions {
  /** Examples computed at once. */
  readonly batchSize: number;
  /** Words for people. */
  readonly description: string;
}

/** The bytes of a `.tflite` file that computes what the graph does. */
export function writeTflite(graph: Graph, {batchSize, description}: WriteOptions): Uint8Array {
  const model = draftModel(legalize(graph), batchSize, new Set(), emitOp);
  return serialize(model, description);
}

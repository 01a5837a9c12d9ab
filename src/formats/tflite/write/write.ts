import type {Graph} from '../../../graph/graph.ts';
import type {SparseChains} from './chains.ts';
import {sparseChains} from './chains.ts';
import {draftModel} from './draft.ts';
import {emitOp} from './emit/index.ts';
import type {FileModel} from './file-model.ts';
import {legalize} from './legalize/index.ts';
import {serialize} from './serialize.ts';
import type {WeightStorage} from './store/weights.ts';
import {storeWeights} from './store/weights.ts';

/** How a graph becomes a file. */
export interface WriteOptions {
  /** Examples computed at once. */
  readonly batchSize: number;
  /** Words for people. */
  readonly description: string;
  readonly storage: WeightStorage;
}

/**
 * The bytes of a `.tflite` file that computes what the graph does.
 *
 * @throws TfmotError `invalid-argument` or `non-finite-weight` for weights that the storage cannot hold, `memory-limit`
 *     for a file of more than 2 GiB.
 */
export function writeTflite(graph: Graph, {batchSize, description, storage}: WriteOptions): Uint8Array {
  const legal = legalize(graph);
  const {precision, sparseFrom} = storage;
  const draft = ({allowed, apart}: SparseChains): FileModel =>
    storeWeights(draftModel(legal, batchSize, apart, emitOp), allowed ? storage : {...storage, sparseFrom: null});
  const chains = sparseFrom === null ? DENSE : sparseChains(legal, precision !== 'int8');
  const model = draft(chains);
  const isSparse = model.tensors.some(({constant}) => constant?.sparsity);
  return serialize(isSparse || chains.apart.size === 0 ? model : draft(DENSE), description);
}

const DENSE: SparseChains = {allowed: false, apart: new Set()};

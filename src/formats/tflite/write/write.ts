import type {Graph} from '../../../graph/graph.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import type {SparseChains} from './chains.ts';
import {sparseChains} from './chains.ts';
import {compact} from './compact.ts';
import {draftModel} from './draft.ts';
import {emitOp} from './emit/index.ts';
import type {FileModel} from './file-model.ts';
import type {Range} from './integer/grids.ts';
import type {IntegerIo} from './integer/quantize.ts';
import {serialize} from './serialize.ts';
import type {WeightStorage} from './store/weights.ts';
import {storeWeights} from './store/weights.ts';

/** How a legal graph becomes a file. */
export interface WriteOptions {
  /** Examples computed at once. */
  readonly batchSize: number;
  /** Words for people. */
  readonly description: string;
  readonly storage: WeightStorage;
  /** With `levels` alone: what each tensor of the graph was seen to hold, and what programs give and take. */
  readonly integer: {readonly ranges: ReadonlyMap<TensorId, Range>; readonly io: IntegerIo} | null;
}

/**
 * The bytes of a `.tflite` file that computes what a legal graph does.
 *
 * @throws TfmotError `invalid-argument` or `non-finite-weight` for weights that the storage cannot hold,
 *     `invalid-input` for ranges that are not finite, `memory-limit` for a file of more than 2 GiB.
 */
export async function writeTflite(graph: Graph, options: WriteOptions): Promise<Uint8Array> {
  const {description, storage} = options;
  const {precision, sparseFrom} = storage;
  const isFloat = precision === 'float32' || precision === 'float16';
  const chains = sparseFrom === null ? DENSE : sparseChains(graph, isFloat);
  const model = await storedModel(graph, chains, options);
  const isSparse = model.tensors.some(({constant}) => constant?.sparsity);
  // Without zeros to leave out, paddings need no operators of their own.
  const plain = isSparse || chains.apart.size === 0 ? model : await storedModel(graph, DENSE, options);
  return serialize(plain, description);
}

const DENSE: SparseChains = {allowed: false, apart: new Set()};

async function storedModel(
  graph: Graph,
  {allowed, apart}: SparseChains,
  {batchSize, storage, integer}: WriteOptions,
): Promise<FileModel> {
  const floats = draftModel(graph, batchSize, apart, emitOp);
  const model = integer === null ? floats : await quantized(floats, integer);
  return storeWeights(model, allowed ? storage : {...storage, sparseFrom: null});
}

async function quantized(model: FileModel, {ranges, io}: NonNullable<WriteOptions['integer']>): Promise<FileModel> {
  const {quantizeModel} = await import('./integer/quantize.ts');
  const rangeOf = (tensor: number): Range | null => ranges.get(model.tensors[tensor]!.source ?? -1) ?? null;
  // The tensors of floats are left over.
  return compact(quantizeModel(model, rangeOf, io));
}

import {TfmotError} from '../errors.ts';
import type {Range} from '../formats/tflite/write/integer/grids.ts';
import type {Graph} from '../graph/graph.ts';
import type {TensorId} from '../graph/tensor.ts';
import type {Input} from '../inference/feed.ts';
import {observe} from '../inference/observe.ts';
import {isBuffer, isNumberArray, isTensor} from '../inference/tensors.ts';
import type {Histogram} from './histogram.ts';
import {EMPTY, leastDivergence, withNumbers, withoutTails} from './histogram.ts';

/** How the range of a tensor comes of the numbers seen in it. */
export type RangeMethod = 'entropy' | 'minmax' | 'percentile';

/** The share of numbers that `percentile` leaves out. */
const TAILS = 1e-4;

const RANGES: Readonly<Record<RangeMethod, (histogram: Histogram) => Range>> = {
  entropy: leastDivergence,
  minmax: ({seen}) => seen,
  percentile: histogram => withoutTails(histogram, TAILS),
};

/**
 * The range of every tensor of a graph on some data.
 *
 * @param data Batches as `predict` takes them, or one.
 * @throws TfmotError `invalid-argument` for no data, and what running them throws.
 */
export async function rangesOn(
  graph: Graph,
  data: Input | Iterable<Input> | AsyncIterable<Input>,
  method: RangeMethod,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<TensorId, Range>> {
  const batches: Input[] = [];
  if (isBatch(data)) batches.push(data);
  else for await (const batch of data) batches.push(batch);
  if (batches.length === 0)
    throw new TfmotError(
      'invalid-argument',
      'fullInteger.data must hold inputs to see ranges of numbers on, but is empty. Give a hundred examples or more.',
    );
  const constants = new Set(graph.ops.filter(({type}) => type === 'constant').flatMap(({outputs}) => outputs));
  const written = [...graph.inputs.map(({tensor}) => tensor), ...graph.ops.flatMap(({outputs}) => outputs)];
  const tensors = written.filter(id => !constants.has(id) && graph.tensors[id]!.dtype === 'float32');
  const histograms = new Map<TensorId, Histogram>();
  await observe(
    graph,
    batches,
    tensors,
    (id, values) => {
      histograms.set(id, withNumbers(histograms.get(id) ?? EMPTY, values));
    },
    signal,
  );
  return new Map(
    [...histograms].map(([id, histogram]) => {
      const bounded = Number.isFinite(histogram.seen.max - histogram.seen.min);
      return [id, bounded ? RANGES[method](histogram) : histogram.seen];
    }),
  );
}

/** One batch: whatever cannot be walked through, or holds numbers, or a nested list of them. */
function isBatch(data: Input | Iterable<Input> | AsyncIterable<Input>): data is Input {
  if (isNumberArray(data) || isTensor(data) || isBuffer(data)) return true;
  if (Array.isArray(data)) return holdsNumbers(data);
  return !(Symbol.iterator in data) && !(Symbol.asyncIterator in data);
}

/** Whether lists in lists end in numbers, and not in inputs of a model. */
function holdsNumbers(list: readonly unknown[]): boolean {
  return Array.isArray(list[0]) ? holdsNumbers(list[0]) : typeof list[0] === 'number';
}

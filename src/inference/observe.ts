import type {Graph} from '../graph/graph.ts';
import type {TensorId} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import {compile} from './compile.ts';
import type {Engine} from './engine.ts';
import type {Input} from './feed.ts';
import {feedOf, portsOf} from './feed.ts';
import type {NumberArray} from './tensors.ts';
import {isTensor} from './tensors.ts';

/** Bytes of inner tensors that one run hands out for an example; where there are more, the data run again. */
const BYTES_A_RUN = 2 ** 28;

/** Memory that a run may take. */
const MAX_MEMORY_BYTES = 2 ** 32;

/**
 * Runs data through a graph and hands out inner tensors.
 *
 * @param batches Inputs as `predict` takes them, of any number of examples each.
 * @param tensors Inputs of the graph and what its ops write.
 * @param visit Gets the numbers of one tensor for all examples of a batch, and may keep them. The batches of a tensor come in
 *     their order.
 * @throws TfmotError `invalid-input` for batches that do not fit the graph, and what compiling it throws.
 */
export async function observe(
  graph: Graph,
  batches: readonly Input[],
  tensors: readonly TensorId[],
  visit: (tensor: TensorId, values: Float32Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (const tapped of runsOf(graph, tensors)) {
    const engine = await engineOf({...graph, outputs: tapped.map(tensor => ({name: String(tensor), tensor}))}, signal);
    try {
      for (const batch of batches) {
        signal?.throwIfAborted();
        const values = await engine.predict(await named(graph, batch));
        for (const tensor of tapped) visit(tensor, values[tensor]!);
      }
    } finally {
      engine.dispose();
    }
  }
}

/** Tensors in parts that fit a run. */
function runsOf({tensors}: Graph, wanted: readonly TensorId[]): readonly TensorId[][] {
  const runs: TensorId[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const id of wanted) {
    const {shape, instances} = tensors[id]!;
    const more = sizeOf(shape) * instances * 4;
    if (bytes + more > BYTES_A_RUN) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)!.push(id);
    bytes += more;
  }
  return runs;
}

function engineOf(graph: Graph, signal: AbortSignal | undefined): Promise<Engine> {
  const none = (): never => {
    throw new Error('A graph under observation has no weights to change and nothing to save.');
  };
  return compile(
    {format: 'tfmz', weights: [], graph: async () => graph, withWeights: none, save: none},
    {maxMemoryBytes: MAX_MEMORY_BYTES, ...(signal && {signal})},
  );
}

/** A batch as typed arrays by the names of the inputs. */
async function named(graph: Graph, batch: Input): Promise<Record<string, NumberArray>> {
  const {inputs} = portsOf(graph);
  // One output, so that a model of one input takes that alone.
  const {samples} = feedOf({inputs, outputs: inputs.slice(0, 1)}, batch);
  const numbers = await Promise.all(samples.map(sample => (isTensor(sample) ? sample.data() : sample)));
  return Object.fromEntries(inputs.map(({name}, i) => [name, numbers[i] as NumberArray]));
}

import type {OpenModel} from '../artifacts/open-model.ts';
import {sizeOf} from '../graph/tensor.ts';
import {compile} from '../inference/compile.ts';
import type {Engine} from '../inference/engine.ts';
import type {LatencyFacts} from './facts.ts';

const ROUNDS = 9;
/** A round runs for so long: enough to be told from the clock's grain. */
const ROUND_MS = 20;

/**
 * The time of one example in the engine, as the model is and with its zeros filled, in turns so that what slows the
 * machine slows both.
 *
 * @throws TfmotError what `compile` throws for a model that the engine cannot run.
 */
export async function latencyOf(model: OpenModel, signal: AbortSignal | undefined): Promise<LatencyFacts> {
  const options = signal === undefined ? {} : {signal};
  const sparse = await compile(model, options);
  const dense = await compile(filled(model), options).catch(error => {
    sparse.dispose();
    throw error;
  });
  try {
    const inputs = Object.fromEntries(sparse.inputs.map(({name, shape}) => [name, numbers(sizeOf(shape))]));
    const times: {readonly engine: Engine; readonly ms: number[]}[] = [sparse, dense].map(engine => ({engine, ms: []}));
    for (const {engine} of times) await engine.predict(inputs);
    for (let round = 0; round < ROUNDS; round++) {
      signal?.throwIfAborted();
      for (const {engine, ms} of times) ms.push(await roundOf(engine, inputs));
    }
    const {ops} = sparse.describe();
    return {
      sparseMs: median(times[0]!.ms),
      denseMs: median(times[1]!.ms),
      rounds: ROUNDS,
      multiplyAdds: ops.reduce((sum, op) => sum + op.multiplyAdds, 0),
      skippedMultiplyAdds: ops.reduce((sum, op) => sum + op.skippedMultiplyAdds, 0),
    };
  } finally {
    sparse.dispose();
    dense.dispose();
  }
}

/** Milliseconds of one call, over as many as fill the round. */
async function roundOf(engine: Engine, inputs: Readonly<Record<string, Float32Array>>): Promise<number> {
  const start = performance.now();
  let calls = 0;
  do {
    await engine.predict(inputs);
    calls++;
  } while (performance.now() - start < ROUND_MS);
  return (performance.now() - start) / calls;
}

/** The same model without a zero: what is small enough not to overflow, and is not left out. */
function filled(model: OpenModel): OpenModel {
  const changed = new Map(
    model.weights
      .filter(
        ({uses, dtype}) =>
          uses.length > 0 && (dtype === 'float32' || dtype === 'float16' || dtype === 'uint8' || dtype === 'uint16'),
      )
      .map(
        weight =>
          [
            weight.name,
            {values: weight.values().map(value => (value === 0 ? 1e-3 : value)), dtype: 'float32'},
          ] as const,
      ),
  );
  return model.withWeights(changed);
}

function numbers(count: number): Float32Array {
  return Float32Array.from({length: count}, (_, i) => (i % 17) / 17);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

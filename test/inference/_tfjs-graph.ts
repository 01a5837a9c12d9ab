import {resolve} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import type {OpenModel} from '../../src/artifacts/open-model.ts';
import {compile} from '../../src/inference/index.ts';
import {uniformValues} from '../../testing/seeded.ts';

/** How far the engine is from TensorFlow.js on one output, and TensorFlow.js' backends from one another. */
export interface Distance {
  readonly name: string;
  /** Over the largest magnitude of the output. */
  readonly engine: number;
  readonly backends: number;
}

setWasmPaths(`${resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);

/** Runs a graph model in the engine and in TensorFlow.js, on the same numbers from 0 to 1. */
export async function distances(
  model: OpenModel,
  options: {readonly cut?: 'auto'; readonly inputShapes?: Record<string, number[]>} = {},
): Promise<Distance[]> {
  const engine = await compile(model, options);
  const inputs = engine.inputs.map(({name, shape}, i) => numbersFor(model, name, shape as number[], i + 1));
  const given = Object.fromEntries(engine.inputs.map(({name}, i) => [name, inputs[i]!]));
  const made = (await engine.predict(given)) as Readonly<Record<string, Float32Array>>;
  const names = engine.outputs.map(({name}) => name);
  const feeds = engine.inputs.map(({name, shape}, i) => ({name, values: inputs[i]!, shape: [1, ...shape] as number[]}));
  const first = (await tfjsOutputs('wasm', model, feeds, names)) ?? (await tfjsOutputs('cpu', model, feeds, names))!;
  engine.dispose();
  const far = names.map((name, i) => furthest(made[name]!, first[i]!) / (largest(first[i]!) || 1));
  // The plain backend takes its time: it is asked only where the two others do not agree.
  const second = far.every(one => one < 1e-4) ? first : await tfjsOutputs('cpu', model, feeds, names);
  return names.map((name, i) => ({
    name,
    engine: far[i]!,
    backends: second === undefined ? 0 : furthest(second[i]!, first[i]!) / (largest(first[i]!) || 1),
  }));
}

/** Numbers from 0 to 1, or whole ones of a byte for an image that a model takes as such. */
function numbersFor({artifacts}: OpenModel, name: string, shape: readonly number[], seed: number): Float32Array {
  const {node} = artifacts!.modelTopology as {node: {name: string; attr: {dtype?: {type?: string}}}[]};
  const type = node.find(one => one.name === name)?.attr.dtype?.type ?? '';
  const values = uniformValues(
    shape.reduce((product, size) => product * size, 1),
    seed,
  );
  return /INT/.test(type) ? values.map(value => Math.floor(255 * value)) : values;
}

interface Feed {
  readonly name: string;
  readonly values: Float32Array;
  readonly shape: number[];
}

/** The outputs in one backend; undefined where it lacks an op. */
async function tfjsOutputs(
  backend: string,
  {artifacts}: OpenModel,
  feeds: readonly Feed[],
  names: string[],
): Promise<Float32Array[] | undefined> {
  await tf.setBackend(backend);
  const loaded = await tf.loadGraphModel(tf.io.fromMemory(artifacts as tf.io.ModelArtifacts));
  const whole = new Set(loaded.inputs.filter(({dtype}) => dtype === 'int32').map(({name}) => name.split(':')[0]));
  const given = Object.fromEntries(
    feeds.map(({name, values, shape}) => [name, tf.tensor(values, shape, whole.has(name) ? 'int32' : 'float32')]),
  );
  try {
    const outputs = [loaded.execute(given, names)].flat();
    const numbers = outputs.map(output => Float32Array.from(output.dataSync()));
    for (const output of new Set(outputs)) output.dispose();
    return numbers;
  } catch {
    return undefined;
  } finally {
    for (const tensor of Object.values(given)) tensor.dispose();
    loaded.dispose();
  }
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function furthest(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i]! - b[i]!);
    if (!(distance <= most)) most = distance;
  }
  return most;
}

import {TfmotError} from '../../errors.ts';
import type {Config, LayerSpec} from './config.ts';
import {camelKeys} from './config.ts';

/** One output of one call of a layer inside a model. */
export interface TensorRef {
  readonly layer: string;
  /** Which call of the layer, 0 for the first. */
  readonly call: number;
  /** Which output of that call. */
  readonly output: number;
}

/** A layer of a model and what it is called on, once for each time it is shared. */
export interface LayerNode extends LayerSpec {
  readonly calls: readonly (readonly TensorRef[])[];
}

/** A model as its topology describes it: a Sequential is a chain of calls. */
export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

/** Keras classes that hold layers of their own. */
export const MODEL_CLASSES: readonly string[] = ['Functional', 'Model', 'Sequential'];

/**
 * Reads a Keras topology: TensorFlow.js' or Python's spelling, bare or inside `model_config`, as JSON text or object.
 *
 * @returns The model's own layer entry, keys in camelCase; `readModel` takes it apart.
 * @throws TfmotError `invalid-topology` when it is no Keras model.
 */
export function readTopology(modelTopology: unknown): LayerSpec {
  let entry = camelKeys(parsed(modelTopology)) as Config;
  if (isRecord(entry) && 'modelConfig' in entry) entry = camelKeys(parsed(entry['modelConfig'])) as Config;
  if (!isRecord(entry) || typeof entry['className'] !== 'string') {
    const hint =
      isRecord(entry) && 'node' in entry ? ' This is a graph model: convert it as a layers model instead.' : '';
    throw invalid(`A topology must be a Keras model with a class name and a config.${hint}`);
  }
  if (!MODEL_CLASSES.includes(entry['className']))
    throw invalid(
      `The topology must be of class ${MODEL_CLASSES.join(', ')}, but is of class '${entry['className']}'.`,
    );
  return layerSpec(entry);
}

/**
 * The layers of a model and how they are connected.
 *
 * @throws TfmotError `invalid-topology` when names repeat, or a reference leads nowhere.
 */
export function readModel(model: LayerSpec): Topology {
  const topology = model.className === 'Sequential' ? sequential(model) : functional(model);
  const byName = new Map(topology.layers.map(layer => [layer.name, layer]));
  if (byName.size !== topology.layers.length)
    throw invalid(`Model '${topology.name}' has two layers of one name. Layer names must differ within a model.`);
  const refs = [...topology.inputs, ...topology.outputs, ...topology.layers.flatMap(layer => layer.calls.flat())];
  for (const {layer, call} of refs) {
    const target = byName.get(layer);
    if (target === undefined)
      throw invalid(`Model '${topology.name}' refers to a layer '${layer}' that it does not have.`);
    if (call >= Math.max(1, target.calls.length))
      throw invalid(
        `Model '${topology.name}' refers to call ${call} of layer '${layer}', which is called ${target.calls.length} times.`,
      );
  }
  return topology;
}

/** The spec of a layer inside another layer's config (`TimeDistributed`, `Bidirectional`). */
export function layerSpec(entry: unknown): LayerSpec {
  if (!isRecord(entry) || typeof entry['className'] !== 'string')
    throw invalid(`A layer must be an object with a class name, but one is ${JSON.stringify(entry)?.slice(0, 80)}.`);
  const className = entry['className'];
  // Keras before 2.2.3 saved the config of a Sequential as its bare list of layers.
  const config = Array.isArray(entry['config']) ? {layers: entry['config']} : entry['config'];
  if (!isRecord(config)) throw invalid(`A layer of class '${className}' must have a config.`);
  const name = config['name'] ?? entry['name'] ?? className.toLowerCase();
  if (typeof name !== 'string') throw invalid(`The name of a layer of class '${className}' must be a string.`);
  return {name, className, config};
}

function sequential(model: LayerSpec): Topology {
  const specs = listOf(model, 'layers').map(layerSpec);
  if (specs.length === 0) throw invalid(`Model '${model.name}' has no layers.`);
  const first = specs[0]!;
  const input = first.className === 'InputLayer' ? null : inputOf(model, first);
  const chain = input === null ? specs : [input, ...specs];
  const layers = chain.map((layer, i) => ({
    ...layer,
    calls: i === 0 ? [] : [[{layer: chain[i - 1]!.name, call: 0, output: 0}]],
  }));
  return {
    name: model.name,
    layers,
    inputs: [{layer: chain[0]!.name, call: 0, output: 0}],
    outputs: [{layer: chain.at(-1)!.name, call: 0, output: 0}],
  };
}

/** The input layer that a Sequential without one implies, by the first shape it or its first model gives. */
function inputOf(model: LayerSpec, first: LayerSpec): LayerSpec {
  let layer: unknown = first;
  while (isRecord(layer)) {
    const config: Config = isRecord(layer['config']) ? layer['config'] : {};
    const batchInputShape = config['batchInputShape'] ?? config['batchShape'];
    if (batchInputShape !== undefined) {
      const dtype = config['dtype'] ?? 'float32';
      return {name: `${first.name}_input`, className: 'InputLayer', config: {batchInputShape, dtype}};
    }
    const inner: unknown = config['layers'] ?? config['layer'];
    layer = Array.isArray(inner) ? inner[0] : inner;
  }
  const shape = model.config['buildInputShape'];
  if (shape !== undefined)
    return {name: `${first.name}_input`, className: 'InputLayer', config: {batchInputShape: shape, dtype: 'float32'}};
  throw invalid(
    `Model '${model.name}' does not say the shape of its input. Give its first layer an inputShape, or build the model before saving it.`,
  );
}

function functional(model: LayerSpec): Topology {
  const entries = listOf(model, 'layers').filter(isRecord);
  const raw = entries.map(entry => {
    const spec = layerSpec(entry);
    const name = typeof entry['name'] === 'string' ? entry['name'] : spec.name;
    const inbound = entry['inboundNodes'];
    if (!Array.isArray(inbound)) throw invalid(`Layer '${name}' must have a list inboundNodes.`);
    return {...spec, name, calls: inbound.map(call => refsOf(call, name))};
  });
  const inputs = refsOf(model.config['inputLayers'], model.name);
  const outputs = refsOf(model.config['outputLayers'], model.name);
  if (inputs.length === 0 || outputs.length === 0) throw invalid(`Model '${model.name}' must have inputs and outputs.`);
  const shift = firstCalls(raw, [...outputs, ...raw.flatMap(layer => layer.calls.flat())]);
  const moved = (ref: TensorRef): TensorRef => ({...ref, call: ref.call - (shift.get(ref.layer) ?? 0)});
  return {
    name: model.name,
    layers: raw.map(layer => ({...layer, calls: layer.calls.map(call => call.map(moved))})),
    inputs: inputs.map(moved),
    outputs: outputs.map(moved),
  };
}

/** A nested model counts its own construction as call 0, so the first call anybody refers to is its real first. */
function firstCalls(layers: readonly LayerNode[], refs: readonly TensorRef[]): Map<string, number> {
  const nested = new Set(layers.filter(layer => MODEL_CLASSES.includes(layer.className)).map(layer => layer.name));
  const first = new Map<string, number>();
  for (const {layer, call} of refs) {
    if (nested.has(layer)) first.set(layer, Math.min(call, first.get(layer) ?? call));
  }
  return first;
}

function refsOf(value: unknown, owner: string): TensorRef[] {
  if (!Array.isArray(value)) throw invalid(`The connections of '${owner}' must be a list.`);
  const list = typeof value[0] === 'string' ? [value] : value;
  return list.map(ref => {
    const [layer, call, output, options] = Array.isArray(ref) ? ref : [];
    if (typeof layer !== 'string' || !isIndex(call) || !isIndex(output))
      throw invalid(
        `A connection of '${owner}' must be [layer, call, output], but is ${JSON.stringify(ref)?.slice(0, 80)}.`,
      );
    const extra = isRecord(options)
      ? Object.keys(options).filter(key => options[key] !== null && key !== 'training')
      : [];
    if (extra.length > 0)
      throw new TfmotError(
        'unsupported-layer',
        `Layer '${owner}' is called with '${extra.join("', '")}', which inference cannot pass on. Give tensors as inputs of the layer.`,
      );
    return {layer, call, output};
  });
}

function listOf(model: LayerSpec, key: string): readonly unknown[] {
  const list = model.config[key];
  if (!Array.isArray(list)) throw invalid(`Model '${model.name}' must have a list of ${key}.`);
  return list;
}

function parsed(json: unknown): unknown {
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TfmotError('invalid-topology', 'The topology must be valid JSON.', {cause: error});
  }
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): TfmotError {
  return new TfmotError('invalid-topology', message);
}

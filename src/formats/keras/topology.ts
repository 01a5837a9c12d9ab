import {RECORDED_OPERATIONS} from '../../artifacts/operations.ts';
import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';
import type {Config, LayerSpec} from './config.ts';
import {camelKeys, isRecord, parsedJson} from './config.ts';
import {isOperation} from './operation.ts';
import type {Inbound, TensorRef} from './references.ts';
import {inboundFrom, inboundOf, operationInbound, portRefsOf} from './references.ts';

/** A layer of a model and what it is called on, once for each time it is shared. */
export interface LayerNode extends LayerSpec {
  readonly calls: readonly Inbound[];
}

/** One call of one layer of a model. */
export interface CallOfLayer {
  readonly layer: LayerNode;
  readonly call: number;
}

/** A model as its topology describes it: a Sequential is a chain of calls. */
export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerNode[];
  readonly byName: ReadonlyMap<string, LayerNode>;
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
  let entry = camelKeys(parsedJson(modelTopology)) as Config;
  if (isRecord(entry) && 'modelConfig' in entry) {
    const inner = entry['modelConfig'];
    entry = (typeof inner === 'string' ? camelKeys(parsedJson(inner)) : inner) as Config;
  }
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
  const {name, layers, inputs, outputs} = model.className === 'Sequential' ? sequential(model) : functional(model);
  const byName = new Map(layers.map(layer => [layer.name, layer]));
  if (byName.size !== layers.length)
    throw invalid(`Model '${name}' has two layers of one name. Layer names must differ within a model.`);
  const refs = [...inputs, ...outputs, ...layers.flatMap(layer => layer.calls.flatMap(call => call.refs))];
  for (const {layer, call} of refs) {
    const target = byName.get(layer);
    if (target === undefined) throw invalid(`Model '${name}' refers to a layer '${layer}' that it does not have.`);
    if (call >= Math.max(1, target.calls.length))
      throw invalid(
        `Model '${name}' refers to call ${call} of layer '${layer}', which is called ${target.calls.length} times.`,
      );
  }
  return {name, layers, byName, inputs, outputs};
}

/**
 * Every call that the outputs of a model need, each after the calls that it reads from. Walks with a stack of its own:
 * a deep model must not overflow the program's.
 *
 * @throws TfmotError `invalid-topology` when layers feed one another in a circle, or an input has no call.
 */
export function callsInOrder({name, byName, inputs, outputs}: Topology): CallOfLayer[] {
  const order: CallOfLayer[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const given = new Set(inputs.map(callKey));
  const stack: {ref: TensorRef; leave: boolean}[] = outputs.map(ref => ({ref, leave: false})).reverse();
  while (stack.length > 0) {
    const {ref, leave} = stack.pop()!;
    const key = callKey(ref);
    const layer = byName.get(ref.layer)!;
    if (leave) {
      state.set(key, 'done');
      order.push({layer, call: ref.call});
      continue;
    }
    if (state.get(key) === 'done' || given.has(key)) continue;
    if (state.get(key) === 'open') throw invalid(`Model '${name}' is cyclic: layer '${ref.layer}' feeds itself.`);
    const reads = layer.calls[ref.call];
    if (reads === undefined) throw invalid(`Layer '${ref.layer}' is used, but nothing feeds it and it is no input.`);
    state.set(key, 'open');
    stack.push({ref, leave: true});
    for (const read of reads.refs) stack.push({ref: read, leave: false});
  }
  return order;
}

/** One call of a layer, as a key. */
export function callKey({layer, call}: Pick<TensorRef, 'layer' | 'call'>): string {
  return `${layer}@${call}`;
}

/** The spec of a layer inside another layer's config (`TimeDistributed`, `Bidirectional`). */
export function layerSpec(entry: unknown): LayerSpec {
  if (!isRecord(entry) || typeof entry['className'] !== 'string')
    throw invalid(`A layer must be an object with a class name, but one is ${show(entry)}.`);
  const className = entry['className'];
  // Keras before 2.2.3 saved the config of a Sequential as its bare list of layers.
  const config = Array.isArray(entry['config']) ? {layers: entry['config']} : entry['config'];
  if (!isRecord(config)) throw invalid(`A layer of class '${className}' must have a config.`);
  const name = config['name'] ?? entry['name'] ?? className.toLowerCase();
  if (typeof name !== 'string') throw invalid(`The name of a layer of class '${className}' must be a string.`);
  return {name, className, config};
}

function sequential(model: LayerSpec): Omit<Topology, 'byName'> {
  const specs = listOf(model, 'layers').map(layerSpec);
  if (specs.length === 0) throw invalid(`Model '${model.name}' has no layers.`);
  const first = specs[0]!;
  const input = first.className === 'InputLayer' ? null : inputOf(model, first);
  const chain = input === null ? specs : [input, ...specs];
  const layers = chain.map((layer, i) => ({
    ...layer,
    calls: i === 0 ? [] : [inboundFrom([{layer: chain[i - 1]!.name, call: 0, output: 0}])],
  }));
  return {
    name: model.name,
    layers,
    inputs: [{layer: chain[0]!.name, call: 0, output: 0}],
    outputs: [{layer: chain.at(-1)!.name, call: 0, output: 0}],
  };
}

/**
 * The input layer that a Sequential without one implies, by the first shape that it or its first model gives. Without
 * any, the input has no shape: a model inside another has that of what it is called on.
 */
function inputOf(model: LayerSpec, first: LayerSpec): LayerSpec {
  const name = `${first.name}_input`;
  let layer: unknown = first;
  while (isRecord(layer)) {
    const config: Config = isRecord(layer['config']) ? layer['config'] : {};
    const batchInputShape = config['batchInputShape'] ?? config['batchShape'];
    if (batchInputShape !== undefined) return {name, className: 'InputLayer', config: {batchInputShape}};
    const inner: unknown = config['layers'] ?? config['layer'];
    layer = Array.isArray(inner) ? inner[0] : inner;
  }
  return {name, className: 'InputLayer', config: {batchInputShape: model.config['buildInputShape']}};
}

function functional(model: LayerSpec): Omit<Topology, 'byName'> {
  const entries = listOf(model, 'layers').filter(isRecord);
  const raw = entries.map(entry => {
    const spec = layerSpec(entry);
    const name = typeof entry['name'] === 'string' ? entry['name'] : spec.name;
    const inbound = entry['inboundNodes'];
    if (!Array.isArray(inbound)) throw invalid(`Layer '${name}' must have a list inboundNodes.`);
    return {...spec, name, calls: inbound.map(call => callOf({...spec, name}, call))};
  });
  const inputs = portRefsOf(model.config['inputLayers'], model.name);
  const outputs = portRefsOf(model.config['outputLayers'], model.name);
  if (inputs.length === 0 || outputs.length === 0) throw invalid(`Model '${model.name}' must have inputs and outputs.`);
  const shift = firstCalls(raw, [...outputs, ...raw.flatMap(layer => layer.calls.flatMap(call => call.refs))]);
  const moved = (ref: TensorRef): TensorRef => ({...ref, call: ref.call - (shift.get(ref.layer) ?? 0)});
  return {
    name: model.name,
    layers: raw.map(layer => ({
      ...layer,
      calls: layer.calls.map(call => ({...call, refs: call.refs.map(moved)})),
    })),
    inputs: inputs.map(moved),
    outputs: outputs.map(moved),
  };
}

/** What a call is given. Where config and arguments leave open whether it is a layer, it is both. */
function callOf(spec: LayerSpec, node: unknown): Inbound {
  if (RECORDED_OPERATIONS.includes(spec.className)) return operationInbound(node, spec.name);
  const args = isRecord(node) ? node['args'] : undefined;
  if (!Array.isArray(args) || !isOperation(spec)) return inboundOf(node, spec.name);
  const operation = operationInbound(node, spec.name);
  if (args.length !== 1) return operation;
  const layer = inboundOf(node, spec.name);
  // States and masks are no arguments of operations.
  return layer.refs.length === operation.refs.length ? {...layer, given: operation.given!} : layer;
}

/**
 * What to take off the calls of nested models: TensorFlow.js and Keras 2 count a model's construction as its call 0, so
 * that the first call anybody refers to is its real first, and the last goes beyond the calls that are listed.
 */
function firstCalls(layers: readonly LayerNode[], refs: readonly TensorRef[]): Map<string, number> {
  const nested = new Map(
    layers.filter(layer => MODEL_CLASSES.includes(layer.className)).map(layer => [layer.name, layer.calls.length]),
  );
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const {layer, call} of refs) {
    if (!nested.has(layer)) continue;
    first.set(layer, Math.min(call, first.get(layer) ?? call));
    last.set(layer, Math.max(call, last.get(layer) ?? call));
  }
  for (const [layer, calls] of nested) if ((last.get(layer) ?? 0) < calls) first.delete(layer);
  return first;
}

function listOf(model: LayerSpec, key: string): readonly unknown[] {
  const list = model.config[key];
  if (!Array.isArray(list)) throw invalid(`Model '${model.name}' must have a list of ${key}.`);
  return list;
}

function invalid(message: string): TfmotError {
  return new TfmotError('invalid-topology', message);
}

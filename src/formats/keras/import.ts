import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {TfmotError} from '../../errors.ts';
import type {Builder} from '../../graph/builder.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph, Port} from '../../graph/graph.ts';
import type {Tensor, TensorId} from '../../graph/tensor.ts';
import type {Config, LayerSpec} from './config.ts';
import {camelKeys} from './config.ts';
import {layerTree} from './layer-tree.ts';
import {LAYERS} from './layers/index.ts';
import type {LayerCall} from './layers/layer.ts';
import type {LayerNode, TensorRef, Topology} from './topology.ts';
import {layerSpec, MODEL_CLASSES, readModel, readTopology} from './topology.ts';
import {openWeights} from './weights.ts';

/** What every call of an import shares. */
interface Session extends Pick<LayerCall, 'builder' | 'weights' | 'savedByTfjs'> {
  /** Layer calls so far. */
  readonly calls: {count: number};
}

/** Models nested in models, each called twice, could ask for more calls than there is time. */
const MAX_CALLS = 100_000;

/** Shapes without the batch, by the names of inputs. */
export type InputShapes = Readonly<Record<string, readonly number[]>>;

/**
 * A model as an inference graph, one op for what each layer does, before any pass.
 *
 * @param inputShapes For inputs whose sizes the model leaves open.
 * @throws TfmotError `unsupported-layer` for a layer that is not understood, before any weight is read;
 * `invalid-topology`, `invalid-weights` or `non-finite-weight` for a damaged model.
 */
export function importModel(artifacts: ModelArtifacts, inputShapes: InputShapes = {}): Graph {
  const root = readTopology(artifacts.modelTopology);
  const model = readModel(root);
  checkClasses(model);
  const names = model.inputs.map(ref => ref.layer);
  const strange = Object.keys(inputShapes).find(name => !names.includes(name));
  if (strange !== undefined)
    throw new TfmotError('invalid-argument', `inputShapes names '${strange}', but the inputs are ${names.join(', ')}.`);
  const weights = openWeights(artifacts, layerTree(root));
  const session: Session = {builder: createBuilder(), weights, savedByTfjs: isFromTfjs(artifacts), calls: {count: 0}};
  const inputs = model.inputs.map(ref => inputPort(session.builder, layerNamed(model, ref), inputShapes));
  const outputs = run(
    session,
    model,
    inputs.map(port => port.tensor),
    '',
  );
  return session.builder.finish(inputs, outputPorts(model, outputs));
}

function isFromTfjs({generatedBy, modelTopology}: ModelArtifacts): boolean {
  const topology = camelKeys(modelTopology) as Config;
  return (
    `${topology['kerasVersion'] ?? generatedBy ?? ''}`.includes('tfjs') || /TensorFlow\.js/.test(generatedBy ?? '')
  );
}

/** Refuses unknown classes at any depth before anything is decoded. */
function checkClasses(model: Topology): void {
  for (const layer of model.layers) {
    if (layer.className !== 'InputLayer') checkLayer(layer);
  }
}

function checkLayer(layer: LayerSpec): void {
  if (MODEL_CLASSES.includes(layer.className)) {
    checkClasses(readModel(layer));
    return;
  }
  checkClass(layer);
  const inner = layer.config['layer'];
  if (inner !== undefined && layer.className !== 'PruneLowMagnitude') checkLayer(layerSpec(inner));
}

function checkClass(layer: LayerSpec): void {
  if (Object.hasOwn(LAYERS, layer.className)) return;
  throw new TfmotError(
    'unsupported-layer',
    `Layer '${layer.name}' is of class '${layer.className}', which is not supported. Supported are ${Object.keys(LAYERS).sort().join(', ')}, and models of these.`,
  );
}

function layerNamed(model: Topology, ref: TensorRef): LayerNode {
  return model.layers.find(layer => layer.name === ref.layer)!;
}

function inputPort(builder: Builder, layer: LayerSpec, inputShapes: InputShapes): Port {
  const shape = layer.config['batchInputShape'] ?? layer.config['batchShape'];
  if (!Array.isArray(shape) || shape.length < 1)
    throw new TfmotError(
      'invalid-topology',
      `Input '${layer.name}' must have a batch input shape, but has ${JSON.stringify(shape)}.`,
    );
  const open = shape.slice(1);
  const given = Object.hasOwn(inputShapes, layer.name) ? inputShapes[layer.name]! : open;
  const fits = given.length === open.length && given.every((size, i) => open[i] === null || open[i] === size);
  if (!fits || !given.every(size => Number.isSafeInteger(size) && size > 0)) {
    const model = `[${shape.map(size => size ?? 'null').join(', ')}]`;
    throw new TfmotError(
      'unsupported-model',
      `Input '${layer.name}' is ${model} and must have known sizes but for the batch. Give them as inputShapes: {'${layer.name}': [...]}${given === open ? '' : `, not [${given}]`}.`,
    );
  }
  const dtype: Tensor['dtype'] = layer.config['dtype'] === 'int32' ? 'int32' : 'float32';
  return {name: layer.name, tensor: builder.input(layer.name, given, dtype)};
}

function outputPorts(model: Topology, tensors: readonly TensorId[]): Port[] {
  const seen = new Map<string, number>();
  return model.outputs.map(({layer}, i) => {
    const repeat = seen.get(layer) ?? 0;
    seen.set(layer, repeat + 1);
    return {name: repeat === 0 ? layer : `${layer}:${repeat}`, tensor: tensors[i]!};
  });
}

/** Adds a model's layers for one call of it; `prefix` stands before their paths. */
function run(session: Session, model: Topology, inputs: readonly TensorId[], prefix: string): TensorId[] {
  if (inputs.length !== model.inputs.length) {
    throw new TfmotError(
      'invalid-topology',
      `Model '${model.name}' has ${model.inputs.length} inputs, but is called with ${inputs.length}.`,
    );
  }
  const values = new Map<string, readonly TensorId[]>();
  model.inputs.forEach((ref, i) => {
    values.set(`${ref.layer}@0`, [inputs[i]!]);
  });
  const layers = new Map(model.layers.map(layer => [layer.name, layer]));
  for (const {layer, call} of callsInOrder(model, layers)) {
    if (values.has(`${layer.name}@${call}`)) continue;
    const given = layer.calls[call]!.map(ref => tensorOf(values, ref));
    values.set(`${layer.name}@${call}`, callLayer(session, layer, given, `${prefix}${layer.name}`));
  }
  return model.outputs.map(ref => tensorOf(values, ref));
}

function tensorOf(values: ReadonlyMap<string, readonly TensorId[]>, ref: TensorRef): TensorId {
  const value = values.get(`${ref.layer}@${ref.call}`)?.[ref.output];
  if (value !== undefined) return value;
  throw new TfmotError(
    'invalid-topology',
    `Output ${ref.output} of layer '${ref.layer}' is used, but it has none such.`,
  );
}

/**
 * Every call the outputs need, each after the calls it reads from. Walks with a stack of its own: a deep model must not
 * overflow the program's.
 *
 * @throws TfmotError `invalid-topology` when layers feed one another in a circle, or an input has no call.
 */
function callsInOrder(model: Topology, layers: ReadonlyMap<string, LayerNode>): {layer: LayerNode; call: number}[] {
  const order: {layer: LayerNode; call: number}[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const given = new Set(model.inputs.map(ref => `${ref.layer}@${ref.call}`));
  const stack: {ref: TensorRef; leave: boolean}[] = model.outputs.map(ref => ({ref, leave: false})).reverse();
  while (stack.length > 0) {
    const {ref, leave} = stack.pop()!;
    const key = `${ref.layer}@${ref.call}`;
    const layer = layers.get(ref.layer)!;
    if (leave) {
      state.set(key, 'done');
      order.push({layer, call: ref.call});
      continue;
    }
    if (state.get(key) === 'done' || given.has(key)) continue;
    if (state.get(key) === 'open')
      throw new TfmotError('invalid-topology', `Model '${model.name}' is cyclic: layer '${ref.layer}' feeds itself.`);
    const reads = layer.calls[ref.call];
    if (reads === undefined)
      throw new TfmotError(
        'invalid-topology',
        `Layer '${ref.layer}' is used, but nothing feeds it and it is no input.`,
      );
    state.set(key, 'open');
    stack.push({ref, leave: true});
    for (const read of reads) stack.push({ref: read, leave: false});
  }
  return order;
}

function callLayer(session: Session, layer: LayerSpec, inputs: readonly TensorId[], path: string): readonly TensorId[] {
  if (++session.calls.count > MAX_CALLS)
    throw new TfmotError('unsupported-model', `A model must not call layers more than ${MAX_CALLS} times.`);
  if (MODEL_CLASSES.includes(layer.className)) return run(session, readModel(layer), inputs, `${path}/`);
  checkClass(layer);
  if (inputs.length === 0) throw new TfmotError('invalid-topology', `Layer '${layer.name}' is called on nothing.`);
  const call: LayerCall['call'] = (inner, tensors, innerPath) => callLayer(session, inner, tensors, innerPath);
  return LAYERS[layer.className]!({...session, layer, inputs, path, call});
}

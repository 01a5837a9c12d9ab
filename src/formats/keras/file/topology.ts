import {TfmotError} from '../../../errors.ts';
import {show} from '../../../show.ts';
import {type Config, camelKeys, isRecord} from '../config.ts';
import {isOperation} from '../operation.ts';
import {portRefsOf} from '../references.ts';
import {MODEL_CLASSES} from '../topology.ts';

/**
 * The config of a Keras model in the spelling of Keras 2, which TensorFlow.js reads; that of Keras 2 is left as it is.
 * Operations that are no layers keep Keras 3's spelling: TensorFlow.js has none.
 *
 * @param model A model as `config.json` or the attribute `model_config` has it.
 * @throws TfmotError `invalid-topology` when it is no model.
 */
export function keras2Spelling(model: unknown): Config {
  // Refuses what nests too deep to walk.
  camelKeys(model);
  if (!isRecord(model))
    throw new TfmotError('invalid-topology', `A Keras model must be an object, but is ${show(model)}.`);
  return respelt(model);
}

function respelt(entry: Config): Config {
  const {config, name} = entry;
  // Keras before 2.2.3 saved a Sequential as its bare list of layers.
  if (!isRecord(config)) return Array.isArray(config) ? {...entry, config: config.map(innerLayer)} : entry;
  const own: Record<string, unknown> = {...config};
  for (const key of ['layer', 'backward_layer', 'cell']) if (key in own) own[key] = innerLayer(own[key]);
  for (const key of ['layers', 'cells']) if (Array.isArray(own[key])) own[key] = own[key].map(innerLayer);
  if ('dtype' in own) own['dtype'] = dtypeName(own['dtype']);
  if (entry['class_name'] === 'InputLayer' && 'batch_shape' in own) {
    own['batch_input_shape'] = own['batch_shape'];
    delete own['batch_shape'];
  }
  if (entry['class_name'] === 'LeakyReLU' && 'negative_slope' in own) own['alpha'] = own['negative_slope'];
  if ('input_layers' in own) connect(own, typeof name === 'string' ? name : String(own['name']));
  if (entry['class_name'] === 'Sequential') giveInputShape(own);
  return {...entry, config: own};
}

function innerLayer(entry: unknown): unknown {
  return isRecord(entry) && isRecord(entry['config']) ? respelt(entry) : entry;
}

/**
 * What a layer computes with, in a word: TensorFlow.js computes with floats of 32 bits, whatever the policy, and stores
 * weights so.
 */
function dtypeName(dtype: unknown): unknown {
  const policy = isRecord(dtype) && isRecord(dtype['config']) ? dtype['config']['name'] : dtype;
  if (isRecord(dtype) && String(dtype['class_name']).startsWith('Quantized')) return dtype;
  return typeof policy === 'string' && /float/.test(policy) ? 'float32' : policy;
}

/** Respells how the layers of a model are connected. */
function connect(model: Record<string, unknown>, name: string): void {
  const layers: readonly unknown[] = Array.isArray(model['layers']) ? model['layers'] : [];
  for (const key of ['input_layers', 'output_layers'])
    model[key] = portRefsOf(camelKeys(model[key]), name).map(({layer, call, output}) => [layer, call, output]);
  model['layers'] = layers.map(layer => {
    if (!isRecord(layer) || !Array.isArray(layer['inbound_nodes']) || !isRecord(layer['config'])) return layer;
    if (isOperation({config: layer['config']})) return layer;
    return {...layer, inbound_nodes: layer['inbound_nodes'].map(listOfTensors)};
  });
  countConstruction(model);
}

const nameOf = (layer: Config): unknown =>
  layer['name'] ?? (isRecord(layer['config']) ? layer['config']['name'] : undefined);

/**
 * TensorFlow.js, as Keras 2, counts the construction of a model inside a model as its first call; Keras 3 mostly does
 * not. Where the calls that are referred to are all among those that are listed, one is added to each: TensorFlow.js
 * never ends with a call that it does not find.
 */
function countConstruction(model: Record<string, unknown>): void {
  const layers = model['layers'] as readonly unknown[];
  const listed = new Map<unknown, number>();
  for (const layer of layers) {
    if (!isRecord(layer) || !MODEL_CLASSES.includes(String(layer['class_name']))) continue;
    listed.set(nameOf(layer), Array.isArray(layer['inbound_nodes']) ? layer['inbound_nodes'].length : 0);
  }
  if (listed.size === 0) return;
  const connections = [model['output_layers'], layers.map(layer => (isRecord(layer) ? layer['inbound_nodes'] : null))];
  withReferences(connections, (layer, call) => {
    if (call >= listed.get(layer)!) listed.delete(layer);
    return call;
  });
  const shifted = (value: unknown): unknown =>
    withReferences(value, (layer, call) => (listed.has(layer) ? call + 1 : call));
  model['output_layers'] = shifted(model['output_layers']);
  model['layers'] = layers.map(layer =>
    isRecord(layer) ? {...layer, inbound_nodes: shifted(layer['inbound_nodes'])} : layer,
  );
}

/** A structure with other calls in the references `[layer, call, output, ...]` in it. */
function withReferences(value: unknown, callOf: (layer: string, call: number) => number): unknown {
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withReferences(item, callOf)]));
  if (!Array.isArray(value)) return value;
  const [layer, call, output, ...rest]: readonly unknown[] = value;
  if (typeof layer !== 'string' || typeof call !== 'number' || typeof output !== 'number')
    return value.map(item => withReferences(item, callOf));
  return [layer, callOf(layer, call), output, ...rest.map(item => withReferences(item, callOf))];
}

/** A call that is given tensors alone, as a list of them; any other call as it is. */
function listOfTensors(node: unknown): unknown {
  if (!isRecord(node) || !Array.isArray(node['args']) || node['args'].length !== 1) return node;
  const {args, kwargs = {}} = node as {args: readonly unknown[]; kwargs?: unknown};
  if (!isRecord(kwargs)) return node;
  const {training: _, initial_state: states, ...rest} = kwargs;
  if (Object.values(rest).some(value => value !== null)) return node;
  const tensors = [args[0], ...(states === undefined || states === null ? [] : [states])].flat();
  const histories = tensors.map(historyOf);
  return histories.every(history => history !== undefined) ? histories.map(history => [...history!, {}]) : node;
}

function historyOf(tensor: unknown): readonly unknown[] | undefined {
  if (!isRecord(tensor) || tensor['class_name'] !== '__keras_tensor__' || !isRecord(tensor['config'])) return undefined;
  const history = tensor['config']['keras_history'];
  return Array.isArray(history) ? history : undefined;
}

/** A Sequential that was built without an input says its shape apart from its layers. */
function giveInputShape(model: Record<string, unknown>): void {
  const {layers, build_input_shape: shape} = model;
  if (!Array.isArray(layers) || !isRecord(layers[0]) || !isRecord(layers[0]['config']) || !Array.isArray(shape)) return;
  const [first, ...others] = layers as unknown as readonly [Config, ...unknown[]];
  const config = first['config'] as Config;
  if (first['class_name'] === 'InputLayer' || 'batch_input_shape' in config) return;
  if (MODEL_CLASSES.includes(String(first['class_name']))) return;
  model['layers'] = [{...first, config: {...config, batch_input_shape: shape}}, ...others];
}

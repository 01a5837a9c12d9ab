import {engine, type serialization} from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {fieldOf} from '../tfjs-private.ts';
import {checkRegistered, rebuild} from './rebuild.ts';
import {savedLayer} from './saved-layer.ts';

/** A layer as empty as can be: what every constructor reads and every layer has. */
class BareLayer extends layers.Layer {
  static readonly className: string = 'BareLayer';
}
const bare = watched({name: 'bare'});
/** The fields that every layer has. */
const COMMON_FIELDS: ReadonlySet<string> = new Set(Object.keys(new BareLayer(bare.config)));
/** The entries of a configuration that the constructor of every layer looks for. */
const COMMON_ENTRIES: ReadonlySet<string> = new Set(bare.read);

/**
 * Checks that a copy made from the configuration of `layer` will be like it. A class that has no `getConfig` of its own
 * saves nothing but its name, so whatever else its constructor takes is lost, most often without a word.
 *
 * @throws TfmotError `unsupported-layer` naming the layer and what is lost, `duplicate-tfjs`.
 */
export function checkRebuildable(layer: layers.Layer): void {
  const className = layer.getClassName();
  checkRegistered(className, layer.name);
  if (layer.getConfig !== layers.Layer.prototype.getConfig) return;
  const {config, read} = watched(savedLayer(layer).config);
  const forget = disposeLater();
  let copy: layers.Layer;
  try {
    copy = rebuild({className, config});
  } catch (cause) {
    throw cannotCopy(layer, `its constructor fails (${messageOf(cause)})`, cause);
  } finally {
    forget();
  }
  const asked = [...read];
  const fields = Object.keys(copy).filter(name => !COMMON_FIELDS.has(name));
  const differing = fields.filter(name => differs(layer, copy, name));
  const swallowed = differing.filter(name => fieldOf(copy, name) === config);
  // An entry is lost where the field of its name differs; where there is none of its name, any other tells.
  const lost = asked.filter(entry => {
    if (COMMON_ENTRIES.has(entry) || entry in config) return false;
    const namesakes = fields.filter(name => plain(name) === plain(entry));
    return differing.some(name => namesakes.length === 0 || namesakes.includes(name));
  });
  const missing = [...swallowed, ...lost];
  if (missing.length > 0) throw cannotCopy(layer, `its '${missing.join("', '")}' is lost`);
}

const plain = (name: string): string => name.replaceAll('_', '');

/**
 * Makes something, and where that fails disposes every variable it has made.
 *
 * @throws what `make` throws, named after the first of `list` that cannot be made again on its own, where there is one.
 */
export function makeOrNothing<T>(list: readonly layers.Layer[], make: () => T): T {
  const forget = disposeLater();
  try {
    return make();
  } catch (error) {
    forget();
    if (error instanceof TfmotError) throw error;
    for (const layer of list) {
      const cause = failure(layer);
      if (cause !== undefined) throw cannotCopy(layer, messageOf(cause), cause);
    }
    throw error;
  }
}

/** What goes wrong where a layer is made and built again on its own; `undefined` when nothing does. */
function failure(layer: layers.Layer): unknown {
  const forget = disposeLater();
  try {
    const copy = rebuild(savedLayer(layer));
    const shapes = layer.inboundNodes[0]?.inputShapes as Shape[] | undefined;
    if (layer.built && shapes !== undefined) copy.build(shapes.length === 1 ? shapes[0]! : shapes);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    forget();
  }
}

/** A function that disposes every variable made between now and its call. */
function disposeLater(): () => void {
  const before = new Set(Object.keys(engine().registeredVariables));
  return () => {
    for (const [name, variable] of Object.entries(engine().registeredVariables)) {
      if (!before.has(name)) variable.dispose();
    }
  };
}

/** A configuration that notes which of its entries are asked for. */
function watched(config: serialization.ConfigDict): {config: serialization.ConfigDict; read: string[]} {
  const read: string[] = [];
  const proxy = new Proxy(config, {
    get: (target, name, receiver) => {
      if (typeof name === 'string' && !read.includes(name)) read.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  return {config: proxy, read};
}

/** Whether a field of plain data, or one that holds the whole configuration, is not the same in the copy. */
function differs(layer: layers.Layer, copy: layers.Layer, name: string): boolean {
  const value = fieldOf(layer, name);
  const copied = fieldOf(copy, name);
  if (typeof value === 'object' && value !== null && !isPlainList(value)) return false;
  return typeof value === 'function' || typeof copied === 'function'
    ? typeof value !== typeof copied
    : JSON.stringify(value) !== JSON.stringify(copied);
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every(each => typeof each !== 'object');
}

function cannotCopy(layer: layers.Layer, why: string, cause?: unknown): TfmotError {
  const className = layer.getClassName();
  const cure =
    layer.getConfig === layers.Layer.prototype.getConfig
      ? `Give ${className} a getConfig() that returns {...super.getConfig(), ...} with everything its constructor takes.`
      : `Make the getConfig() of ${className} return everything its constructor takes, and register the classes in it.`;
  return new TfmotError(
    'unsupported-layer',
    `Every layer must be rebuilt from its configuration, but layer '${layer.name}' (${className}) cannot: ${why}. ${cure}`,
    cause === undefined ? {} : {cause},
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/[.\s]+$/, '') : String(error);
}

import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';

/** The config of a Keras layer with camelCase keys, values as they were saved. */
export type Config = Readonly<Record<string, unknown>>;

/** A layer as its model describes it. */
export interface LayerSpec {
  readonly name: string;
  /** Keras class name, such as `Conv2D`. */
  readonly className: string;
  readonly config: Config;
}

/** Models nest a few levels; text that nests deeper than this is no model. */
const MAX_DEPTH = 256;

/**
 * A copy of saved JSON with every key in camelCase, so that TensorFlow.js' and Python's spelling read the same. An
 * object that is held in several places is copied once.
 *
 * @throws TfmotError `invalid-topology` when it nests deeper than any model, or holds itself.
 */
export function camelKeys(value: unknown): unknown {
  return camelCopy(value, 0, new Map());
}

function camelCopy(value: unknown, depth: number, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH)
    throw new TfmotError(
      'invalid-topology',
      `A topology must not nest deeper than ${MAX_DEPTH} levels, but this one does.`,
    );
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = Array.isArray(value)
    ? // Not map: it would keep the holes of an array made by hand.
      Array.from(value, item => camelCopy(item, depth + 1, copies))
    : Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
          camelCopy(item, depth + 1, copies),
        ]),
      );
  copies.set(value, copy);
  return copy;
}

/**
 * Saved JSON as an object, which it may be already.
 *
 * @throws TfmotError `invalid-topology` when it is text that is no JSON.
 */
export function parsedJson(json: unknown): unknown {
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TfmotError('invalid-topology', 'The topology must be valid JSON.', {cause: error});
  }
}

/** Whether a value is an object of named entries. */
export function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `channels_last`, `channelsLast` and `ChannelsLast` are one word: lower case, without underscores. */
export function wordOf(text: string): string {
  return text.replaceAll('_', '').toLowerCase();
}

/**
 * A string of a layer's config as a lower-case word without underscores, `fallback` where it is absent or null.
 *
 * @throws TfmotError `invalid-topology` when it is no string.
 */
export function word(layer: LayerSpec, key: string, fallback: string): string {
  const value = layer.config[key] ?? fallback;
  if (typeof value !== 'string') throw wrong(layer, key, 'a string', value);
  return wordOf(value);
}

/**
 * A true-or-false of a layer's config.
 *
 * @throws TfmotError `invalid-topology` when it is something else.
 */
export function flag(layer: LayerSpec, key: string, fallback: boolean): boolean {
  const value = layer.config[key] ?? fallback;
  if (typeof value !== 'boolean') throw wrong(layer, key, 'true or false', value);
  return value;
}

/**
 * A finite number of a layer's config.
 *
 * @throws TfmotError `invalid-topology` when it is something else, or absent without a fallback.
 */
export function real(layer: LayerSpec, key: string, fallback?: number): number {
  const value = layer.config[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(layer, key, 'a finite number', value);
  return value;
}

/**
 * A positive whole number of a layer's config.
 *
 * @throws TfmotError `invalid-topology` when it is something else, or absent without a fallback.
 */
export function count(layer: LayerSpec, key: string, fallback?: number): number {
  const value = layer.config[key] ?? fallback;
  if (!isCount(value)) throw wrong(layer, key, 'a positive whole number', value);
  return value;
}

/**
 * One or `length` positive whole numbers of a layer's config; one number stands for all.
 *
 * @throws TfmotError `invalid-topology` when it is something else, or absent without a fallback.
 */
export function counts(layer: LayerSpec, key: string, length: number, fallback?: number | readonly number[]): number[] {
  const value = layer.config[key] ?? fallback;
  const list = Array.isArray(value) ? value : Array.from({length}, () => value);
  if (list.length !== length || !list.every(isCount))
    throw wrong(layer, key, `${length} positive whole number${length === 1 ? '' : 's'}`, value);
  return list;
}

/**
 * A list of whole numbers of a layer's config; one number is a list of one.
 *
 * @throws TfmotError `invalid-topology` when it is something else, or absent without a fallback.
 */
export function integers(layer: LayerSpec, key: string, fallback?: readonly number[]): number[] {
  const value = layer.config[key] ?? fallback;
  const list = Array.isArray(value) ? value : [value];
  if (!list.every(item => Number.isSafeInteger(item))) throw wrong(layer, key, 'whole numbers', value);
  return list as number[];
}

/** The error for a config entry that is not what it must be. */
export function wrong(layer: LayerSpec, key: string, must: string, value: unknown): TfmotError {
  return new TfmotError(
    'invalid-topology',
    `Layer '${layer.name}' (${layer.className}): config entry '${key}' must be ${must}, but is ${show(value)}. Save the model again.`,
  );
}

/** The error for what a layer can do and this library cannot. */
export function unsupported(layer: LayerSpec, what: string): TfmotError {
  return new TfmotError('unsupported-layer', `Layer '${layer.name}' (${layer.className}) ${what}`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

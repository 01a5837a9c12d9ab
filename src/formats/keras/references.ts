import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';
import {type Config, isRecord} from './config.ts';

/** One output of one call of a layer inside a model. */
export interface TensorRef {
  readonly layer: string;
  /** Which call of the layer, 0 for the first. */
  readonly call: number;
  /** Which output of that call. */
  readonly output: number;
}

/** What one call of a layer is given. */
export interface Inbound {
  readonly refs: readonly TensorRef[];
  /** What it is given that inference cannot pass on, to be put behind "is called with"; undefined when all is well. */
  readonly odd: string | undefined;
  /** Whether it is given a mask; undefined where the file does not say and the layers before it tell. */
  readonly masked: boolean | undefined;
  /** Whether Keras 3 gives it several tensors one by one, as to an operation; layers of several inputs take a list. */
  readonly operation: boolean;
}

/** What a call is given that says no more than what it reads. */
export function inboundFrom(refs: readonly TensorRef[], odd?: string): Inbound {
  return {refs, odd, masked: undefined, operation: false};
}

/**
 * What a call reads, as a layer's `inboundNodes` have it: Keras 2 and TensorFlow.js list references `[layer, call,
 * output, arguments]`, Keras 3 has `{args, kwargs}` with a tensor for each.
 *
 * @throws TfmotError `invalid-topology` when it is neither.
 */
export function inboundOf(node: unknown, owner: string): Inbound {
  if (isRecord(node) && 'args' in node) return inboundOfKeras3(node, owner);
  if (isRecord(node)) return inboundFrom(portRefsOf(node, owner));
  if (!Array.isArray(node)) throw notAList(owner);
  const list: readonly unknown[] = typeof node[0] === 'string' ? [node] : node;
  let odd: string | undefined;
  const refs = list.map(entry => {
    const options: unknown = Array.isArray(entry) ? entry[3] : undefined;
    if (isRecord(options)) odd ??= oddArgument(options, ['training']);
    return refOf(entry, owner);
  });
  return inboundFrom(refs, odd);
}

/**
 * References to the inputs or outputs of a model: one, a list, or, in Keras 3, whatever structure the model was made
 * with, in the order in which Keras flattens it.
 *
 * @throws TfmotError `invalid-topology` when a leaf of it is no reference.
 */
export function portRefsOf(value: unknown, owner: string): TensorRef[] {
  if (isRecord(value)) return sorted(value).flatMap(item => portRefsOf(item, owner));
  if (!Array.isArray(value)) throw notAList(owner);
  if (typeof value[0] === 'string') return [refOf(value, owner)];
  return Array.from(value as readonly unknown[], item => {
    if (Array.isArray(item) || isRecord(item)) return portRefsOf(item, owner);
    throw noReference(item, owner);
  }).flat();
}

function inboundOfKeras3({args, kwargs}: Config, owner: string): Inbound {
  if (!Array.isArray(args)) throw notAList(owner);
  const refs: TensorRef[] = [];
  const constant = tensorsIn(args, refs, owner);
  const odd = constant === undefined ? undefined : `the constant ${show(constant)}`;
  const operation = args.length > 1 && args.every(arg => isRecord(arg));
  if (!isRecord(kwargs)) return {refs, odd, masked: undefined, operation};
  // States of a recurrent layer are inputs like any other.
  tensorsIn(kwargs['initialState'], refs, owner);
  const masked = 'mask' in kwargs ? kwargs['mask'] !== null : undefined;
  return {refs, odd: odd ?? oddArgument(kwargs, ['training', 'mask', 'initialState']), masked, operation};
}

/** Adds the tensors of a structure of arguments to `found`, and returns its first constant other than null. */
function tensorsIn(value: unknown, found: TensorRef[], owner: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (isRecord(value) && value['className'] === '__keras_tensor__') {
    const {config} = value;
    found.push(refOf(isRecord(config) ? config['kerasHistory'] : undefined, owner));
    return undefined;
  }
  if (typeof value !== 'object') return value;
  let constant: unknown;
  for (const item of isRecord(value) ? sorted(value) : (value as readonly unknown[]))
    constant ??= tensorsIn(item, found, owner);
  return constant;
}

function oddArgument(given: Config, harmless: readonly string[]): string | undefined {
  const key = Object.keys(given).find(name => (given[name] ?? null) !== null && !harmless.includes(name));
  return key === undefined ? undefined : `'${key}'`;
}

function sorted(record: Config): unknown[] {
  return Object.keys(record)
    .sort()
    .map(key => record[key]);
}

function refOf(entry: unknown, owner: string): TensorRef {
  const [layer, call, output]: readonly unknown[] = Array.isArray(entry) ? entry : [];
  if (typeof layer !== 'string' || !isIndex(call) || !isIndex(output)) throw noReference(entry, owner);
  return {layer, call, output};
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function notAList(owner: string): TfmotError {
  return new TfmotError('invalid-topology', `The connections of '${owner}' must be a list.`);
}

function noReference(entry: unknown, owner: string): TfmotError {
  return new TfmotError(
    'invalid-topology',
    `A connection of '${owner}' must be [layer, call, output], but is ${show(entry)}.`,
  );
}

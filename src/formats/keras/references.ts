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
  /** All that it is given, where it is an operation on tensors and no layer. */
  readonly given?: Given;
}

/** A tensor among what an operation is given: its place in `Inbound.refs`. */
export interface Slot {
  readonly tensor: number;
}

/** What an operation is given: tensors as slots, and constants. */
export interface Given {
  readonly args: readonly unknown[];
  readonly kwargs: Config;
}

/** Whether something that an operation is given is a tensor. */
export function isSlot(value: unknown): value is Slot {
  return isRecord(value) && typeof value['tensor'] === 'number' && Object.keys(value).length === 1;
}

/** What a call is given that says no more than what it reads. */
export function inboundFrom(refs: readonly TensorRef[], odd?: string): Inbound {
  return {refs, odd, masked: undefined};
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
 * What an operation is given. Keras 2 lists `[layer, call, output, arguments]` for its first argument, which may be a
 * list of tensors or a constant; further tensors are among the named arguments.
 *
 * @throws TfmotError `invalid-topology` when it is neither that nor Keras 3's `{args, kwargs}`.
 */
export function operationInbound(node: unknown, owner: string): Inbound {
  const refs: TensorRef[] = [];
  const slotted = (value: unknown): unknown => {
    const reference = tensorIn(value);
    if (reference !== undefined) return {tensor: refs.push(refOf(reference, owner)) - 1} satisfies Slot;
    if (Array.isArray(value)) return value.map(slotted);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, slotted(item)]));
  };
  const given = (args: readonly unknown[], kwargs: unknown): Inbound => {
    const slots = {args: args.map(slotted), kwargs: isRecord(kwargs) ? (slotted(kwargs) as Config) : {}};
    return {refs, odd: undefined, masked: undefined, given: slots};
  };
  if (isRecord(node) && Array.isArray(node['args'])) return given(node['args'], node['kwargs']);
  if (!Array.isArray(node)) throw notAList(owner);
  if (node[0] === CONSTANT) return given([node[2]], node[3]);
  if (typeof node[0] === 'string') return given([node.slice(0, 3)], node[3]);
  const list = node.map(entry => (Array.isArray(entry) && entry[0] === CONSTANT ? entry[2] : firstThree(entry)));
  return given([list], Array.isArray(node[0]) ? node[0][3] : {});
}

/** How Keras 2 says that the first argument of an operation is a constant. */
const CONSTANT = '_CONSTANT_VALUE';

const firstThree = (entry: unknown): unknown => (Array.isArray(entry) ? entry.slice(0, 3) : entry);

/** The reference to a tensor, where a value among arguments is one. */
function tensorIn(value: unknown): unknown {
  if (isRecord(value) && value['className'] === '__keras_tensor__')
    return isRecord(value['config']) ? (value['config']['kerasHistory'] ?? null) : null;
  const isReference = Array.isArray(value) && value.length === 3 && typeof value[0] === 'string';
  return isReference && isIndex(value[1]) && isIndex(value[2]) ? value : undefined;
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
  if (!isRecord(kwargs)) return {refs, odd, masked: undefined};
  // States of a recurrent layer are inputs like any other.
  tensorsIn(kwargs['initialState'], refs, owner);
  const masked = 'mask' in kwargs ? kwargs['mask'] !== null : undefined;
  return {refs, odd: odd ?? oddArgument(kwargs, ['training', 'mask', 'initialState']), masked};
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

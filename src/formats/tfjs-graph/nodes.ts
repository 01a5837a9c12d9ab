import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';
import {isRecord} from '../keras/config.ts';

/** One node of a GraphDef, as JSON holds it. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** Names of nodes, each with `:k` behind it for output `k`; without those that only say what runs before. */
  readonly inputs: readonly TensorName[];
  readonly attr: Attributes;
}

/** An output of a node. */
export interface TensorName {
  readonly node: string;
  readonly output: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Most nodes, and inputs of nodes, that a graph may have. */
const MAX_NODES = 1_000_000;

/** Whether a topology is a GraphDef, not that of a layers model. */
export function isGraphTopology(topology: unknown): boolean {
  return isRecord(topology) && Array.isArray(topology['node']);
}

/**
 * The nodes of a graph, by name, in the order of the file, which is not always one in which they can run.
 *
 * @throws TfmotError `invalid-topology` for anything but nodes of different names.
 */
export function readNodes(topology: unknown): ReadonlyMap<string, Node> {
  if (!isRecord(topology) || !Array.isArray(topology['node'])) throw invalid('it has no list of nodes');
  const given: readonly unknown[] = topology['node'];
  let left = MAX_NODES - given.length;
  const nodes = new Map<string, Node>();
  for (const each of given) {
    if (!isRecord(each)) throw invalid(`a node must be an object, but is ${show(each)}`);
    const {name, op, input = [], attr = {}} = each;
    if (typeof name !== 'string' || typeof op !== 'string')
      throw invalid(`a node must have a name and an op, but has ${show(name)} and ${show(op)}`);
    if (!Array.isArray(input) || !input.every(one => typeof one === 'string'))
      throw invalid(`the inputs of node '${name}' must be a list of names`);
    left -= input.length;
    if (left < 0) throw invalid(`it has more than ${MAX_NODES} nodes and inputs`);
    if (nodes.has(name)) throw invalid(`two nodes are called '${name}'`);
    const inputs = input.filter(one => !one.startsWith('^')).map(tensorName);
    nodes.set(name, {name, op, inputs, attr: isRecord(attr) ? attr : {}});
  }
  return nodes;
}

/** Reads `name`, `name:1`, and `name:index:0`, as functions write it. */
export function tensorName(text: string): TensorName {
  const [node = '', ...rest] = text.split(':');
  const output = Number(rest.at(-1) ?? 0);
  return {node, output: Number.isSafeInteger(output) && output >= 0 ? output : 0};
}

/** A whole number; GraphDefs write those of 64 bits as text, and leave out 0. */
export function intOf({attr}: Node, name: string, missing = 0): number {
  const value = fieldOf(attr[name], 'i');
  return value === undefined ? missing : Number(value);
}

/** A fraction; left out where it is 0. */
export function floatOf({attr}: Node, name: string, missing = 0): number {
  const value = fieldOf(attr[name], 'f');
  return value === undefined ? missing : Number(value);
}

/** True or false; left out where it is false. */
export function flagOf({attr}: Node, name: string): boolean {
  return fieldOf(attr[name], 'b') === true;
}

/** A word, written in base64; Python's converter writes some as lists of character codes. */
export function wordOf({attr}: Node, name: string, missing = ''): string {
  const value = fieldOf(attr[name], 's');
  return value === undefined ? missing : decoded(value);
}

/** A list of whole numbers. */
export function intsOf({attr}: Node, name: string): number[] {
  return listOf(attr[name], 'i').map(Number);
}

/** A list of words. */
export function wordsOf({attr}: Node, name: string): string[] {
  return listOf(attr[name], 's').map(decoded);
}

/** The name of a type, such as `DT_INT32`; newer files write numbers. */
export function typeOf({attr}: Node, name: string): string {
  const type = fieldOf(attr[name], 'type');
  return typeof type === 'number' ? (TYPES[type] ?? `DT_${type}`) : String(type ?? 'DT_FLOAT');
}

const TYPES: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  2: 'DT_DOUBLE',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  5: 'DT_INT16',
  6: 'DT_INT8',
  7: 'DT_STRING',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  19: 'DT_HALF',
};

/** The sizes of a shape, -1 for an open one; undefined where the shape is not known at all. */
export function shapeOf({attr}: Node, name: string): number[] | undefined {
  return sizesOf(fieldOf(attr[name], 'shape'));
}

/** The sizes of a shape as a signature or an attribute holds it. */
export function sizesOf(shape: unknown): number[] | undefined {
  if (!isRecord(shape) || shape['unknownRank'] === true) return undefined;
  const dims = shape['dim'] ?? [];
  if (!Array.isArray(dims)) return undefined;
  return dims.map(dim => Number(isRecord(dim) ? (dim['size'] ?? 0) : dim));
}

function fieldOf(attribute: unknown, field: string): unknown {
  return isRecord(attribute) ? attribute[field] : undefined;
}

function listOf(attribute: unknown, field: string): unknown[] {
  const items = fieldOf(fieldOf(attribute, 'list'), field);
  return Array.isArray(items) ? items : [];
}

function decoded(word: unknown): string {
  if (Array.isArray(word)) return String.fromCharCode(...word.slice(0, 1000).map(Number));
  try {
    return typeof word === 'string' ? atob(word) : '';
  } catch {
    return String(word);
  }
}

function invalid(what: string): TfmotError {
  return new TfmotError('invalid-topology', `The graph of a graph model cannot be read: ${what}.`);
}

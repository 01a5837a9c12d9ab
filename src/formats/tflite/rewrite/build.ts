import {TfmotError} from '../../../errors.ts';
import type {Child, Node} from './tree.ts';

/** A field of a new table: a number and the bytes that it takes, or what an offset leads to. */
type Field = {readonly value: number; readonly bytes: 1 | 4} | Child;

/** A new table of some fields, by their numbers. */
export function nodeOf(given: Readonly<Record<number, Field>>): Node {
  const numbers = Object.keys(given).map(Number);
  const fields = new Array<number>(Math.max(-1, ...numbers) + 1).fill(0);
  const inline = new Uint8Array(4 + 4 * numbers.length);
  const children = new Map<number, Child>();
  numbers.forEach((number, i) => {
    const at = 4 + 4 * i;
    const field = given[number]!;
    fields[number] = at;
    if ('value' in field) setNumber(inline, at, field.value, field.bytes);
    else children.set(number, field);
  });
  return {inline, fields, phase: 0, children};
}

/** Numbers as a vector. */
export function vectorOf(numbers: Float32Array | Int8Array | Int32Array | BigInt64Array): Child {
  const {buffer, byteOffset, byteLength} = numbers;
  return {numbers: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), width: numbers.BYTES_PER_ELEMENT};
}

/** Text as a vector; the zero behind it is put there by {@link fileOf}. */
export function textOf(text: string): Child {
  return {numbers: new TextEncoder().encode(text), width: 1};
}

/** Changes a number in a table that has it. */
export function replaceNumber({inline, fields}: Node, field: number, value: number, bytes: 1 | 4): void {
  const at = fields[field] ?? 0;
  if (at !== 0) setNumber(inline, at, value, bytes);
}

function setNumber(inline: Uint8Array, at: number, value: number, bytes: 1 | 4): void {
  const view = new DataView(inline.buffer, inline.byteOffset);
  if (bytes === 1) view.setInt8(at, value);
  else view.setInt32(at, value, true);
}

/** Vectors this long are content of weights, and aligned as such. */
const CONTENT = 64;
const CONTENT_ALIGNMENT = 16;

/**
 * A file of tables. Each stands before all that hangs on it, so that every offset leads forward; vectors of numbers,
 * which hold the weights, come after all tables.
 *
 * @param most Bytes that it may have: tables that share what they lead to get it each for themselves.
 * @throws TfmotError `memory-limit`.
 */
export function fileOf(root: Node, identifier: string, most: number): Uint8Array {
  const parts: {readonly at: number; readonly bytes: Uint8Array}[] = [];
  const vectors: {readonly node: Node; readonly at: number; readonly field: number; readonly child: Child}[] = [];
  let end = 8;
  const put = (bytes: Uint8Array, alignment: number, phase = 0): number => {
    end += (((phase - end) % alignment) + alignment) % alignment;
    const at = end;
    parts.push({at, bytes});
    end += bytes.length;
    if (end > most)
      throw new TfmotError('memory-limit', `A file written anew must fit ${most} bytes; its parts share too much.`);
    return at;
  };
  const putNode = (node: Node): number => {
    const {inline, fields, phase, children} = node;
    const offsets = new Uint8Array(4 + 2 * fields.length);
    const view = new DataView(offsets.buffer);
    view.setUint16(0, offsets.length, true);
    view.setUint16(2, inline.length, true);
    fields.forEach((offset, i) => {
      view.setUint16(4 + 2 * i, offset, true);
    });
    const before = put(offsets, 2);
    const at = put(inline, 8, phase);
    viewOf(inline).setInt32(0, at - before, true);
    for (const [field, child] of children) {
      if (Array.isArray(child)) link(node, at, field, putList(child));
      else if ('numbers' in child) vectors.push({node, at, field, child});
      else link(node, at, field, putNode(child));
    }
    return at;
  };
  const putList = (nodes: readonly Node[]): number => {
    const bytes = new Uint8Array(4 + 4 * nodes.length);
    const view = viewOf(bytes);
    view.setUint32(0, nodes.length, true);
    const at = put(bytes, 4);
    nodes.forEach((node, i) => {
      view.setUint32(4 + 4 * i, putNode(node) - (at + 4 + 4 * i), true);
    });
    return at;
  };
  const rootAt = putNode(root);
  for (const {node, at, field, child} of vectors) {
    const {numbers, width} = child as Exclude<Child, Node | Node[]>;
    const head = new Uint8Array(4);
    viewOf(head).setUint32(0, numbers.length / width, true);
    const alignment = numbers.length >= CONTENT ? CONTENT_ALIGNMENT : Math.max(4, width);
    // Its numbers, behind their count, are what is aligned.
    const vector = put(head, alignment, alignment - 4);
    link(node, at, field, vector);
    put(numbers, 1);
    if (width === 1) end++;
  }
  const file = new Uint8Array(end + ((8 - (end % 8)) % 8));
  for (const {at, bytes} of parts) file.set(bytes, at);
  viewOf(file).setUint32(0, rootAt, true);
  for (let i = 0; i < 4; i++) file[4 + i] = identifier.charCodeAt(i);
  return file;
}

function link({inline, fields}: Node, at: number, field: number, to: number): void {
  const offset = fields[field]!;
  viewOf(inline).setUint32(offset, to - (at + offset), true);
}

const viewOf = ({buffer, byteOffset, byteLength}: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);

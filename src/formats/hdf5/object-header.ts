import {corrupt, type Fields, unsupported} from './fields.ts';

/** Kinds of messages that are read (HDF5 File Format Specification, section IV.A.2). */
export const MESSAGE = {
  nil: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** One message of an object: what it is, and where it lies. */
export interface Message {
  readonly type: number;
  /** Where its kind is written. */
  readonly head: number;
  /** Where its content begins. */
  readonly at: number;
  /** Bytes of its content. */
  readonly size: number;
  /** The stretch of a newer header that it stands in, which a checksum follows. */
  readonly sealed?: {readonly from: number; readonly to: number};
}

/** A group or data set: its messages in order. */
export interface ObjectHeader {
  readonly at: number;
  readonly version: 1 | 2;
  readonly messages: readonly Message[];
}

/** Messages are at most this many an object: headers are small. */
const MAX_MESSAGES = 100_000;

/**
 * Reads the header of the object at a place.
 *
 * @throws TfmotError `corrupt-file` or `unsupported-model`.
 */
export function readHeader(fields: Fields, at: number): ObjectHeader {
  fields.visit(at);
  return fields.u8(at) === 1 ? olderHeader(fields, at) : newerHeader(fields, at);
}

function olderHeader(fields: Fields, start: number): ObjectHeader {
  const messages: Message[] = [];
  const blocks = [{from: start + 16, size: fields.u32(start + 8)}];
  for (const {from, size} of blocks) {
    fields.view(from, size);
    for (let head = from; head + 8 <= from + size; ) {
      fields.visit(head);
      const type = fields.u16(head);
      const length = fields.u16(head + 2);
      if (head + 8 + length > from + size) throw corrupt(head, 'a message reaches out of its header');
      add(fields, messages, blocks, {type, head, at: head + 8, size: length}, fields.u8(head + 4));
      head += 8 + length;
    }
  }
  return {at: start, version: 1, messages};
}

function newerHeader(fields: Fields, start: number): ObjectHeader {
  fields.expect(start, 'OHDR');
  const flags = fields.u8(start + 5);
  const sizeAt = start + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const first = [fields.u8, fields.u16, fields.u32, fields.u64][flags & 3]!(sizeAt);
  const before = 4 + (flags & 4 ? 2 : 0);
  const messages: Message[] = [];
  const blocks = [{from: sizeAt + width, size: first}];
  for (const [i, {from, size}] of blocks.entries()) {
    // Later blocks begin with a mark; each ends with a checksum.
    if (i > 0) fields.expect(from, 'OCHK');
    const inside = i === 0 ? {from, to: from + size} : {from: from + 4, to: from + size - 4};
    const sealed = {from: i === 0 ? start : from, to: inside.to};
    fields.view(sealed.from, inside.to - sealed.from + 4);
    for (let head = inside.from; head + before <= inside.to; ) {
      fields.visit(head);
      const type = fields.u8(head);
      const length = fields.u16(head + 1);
      if (head + before + length > inside.to) throw corrupt(head, 'a message reaches out of its header');
      add(fields, messages, blocks, {type, head, at: head + before, size: length, sealed}, fields.u8(head + 3));
      head += before + length;
    }
  }
  return {at: start, version: 2, messages};
}

function add(
  fields: Fields,
  messages: Message[],
  blocks: {from: number; size: number}[],
  message: Message,
  flags: number,
): void {
  if (messages.length + blocks.length > MAX_MESSAGES) throw corrupt(message.head, 'an object has too many messages');
  if (message.type === MESSAGE.continuation) {
    blocks.push({from: fields.u64(message.at), size: fields.u64(message.at + 8)});
    return;
  }
  if (flags & 2 && message.type !== MESSAGE.nil) throw unsupported(message.head, 'a message that objects share');
  messages.push(message);
}

/** The first message of a kind. */
export function messageOf({messages}: ObjectHeader, type: number): Message | undefined {
  return messages.find(message => message.type === type);
}

import {TfmotError} from '../../errors.ts';

/** A file of protobuf messages that is being read, and how much more it may hold. */
export interface Messages {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Fields that may still come: what a file costs is bounded by more than its length. */
  fieldsLeft: number;
}

/** Part of a file: `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One field of a message. */
export interface Field extends Span {
  /** Its number in the message. */
  readonly number: number;
  /** How it is written: a variable-length integer, 8 or 4 bytes, or a span of bytes behind its length. */
  readonly wire: 'varint' | 'fixed64' | 'bytes' | 'fixed32';
}

const WIRES: Readonly<Record<number, Field['wire']>> = {0: 'varint', 1: 'fixed64', 2: 'bytes', 5: 'fixed32'};
/** Most fields of all messages together. */
const MAX_FIELDS = 2 ** 22;

/** A file to read messages from. */
export function messagesIn(bytes: Uint8Array): Messages {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    fieldsLeft: MAX_FIELDS,
  };
}

/** The error for a damaged file; `what` is the rest of a sentence about the offset. */
export function corrupt(at: number, what: string): TfmotError {
  return new TfmotError('corrupt-file', `The .onnx file is damaged: at byte ${at} ${what}.`);
}

/**
 * Calls back for each field of a message, in order.
 *
 * @throws TfmotError `corrupt-file` for a field that reaches out of the message or is written in no known way.
 */
export function eachField(messages: Messages, {from, to}: Span, each: (field: Field) => void): void {
  let at = from;
  while (at < to) {
    if (--messages.fieldsLeft < 0) throw corrupt(at, `there are more than ${MAX_FIELDS} fields`);
    const tag = varintAt(messages, at, to);
    const wire = WIRES[tag.value & 7];
    const number = Math.floor(tag.value / 8);
    if (wire === undefined || !(number >= 1 && number < 2 ** 29))
      throw corrupt(at, `there must be a field, but its tag is ${tag.value}`);
    const field = contentAt(messages, number, wire, tag.end, to);
    each(field);
    at = field.to;
  }
}

function contentAt(messages: Messages, number: number, wire: Field['wire'], at: number, to: number): Field {
  if (wire === 'varint') return {number, wire, from: at, to: varintAt(messages, at, to).end};
  const length = wire === 'bytes' ? varintAt(messages, at, to) : null;
  const from = length?.end ?? at;
  const bytes = length?.value ?? (wire === 'fixed64' ? 8 : 4);
  if (!(bytes >= 0 && bytes <= to - from))
    throw corrupt(at, `field ${number} has ${bytes} bytes, but ${to - from} are left of the message`);
  return {number, wire, from, to: from + bytes};
}

/** A varint as a signed 64-bit number, rounded where that is more than a double holds. */
function varintAt({bytes}: Messages, at: number, to: number): {readonly value: number; readonly end: number} {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    if (at + i >= to) throw corrupt(at, 'a number is cut off');
    const byte = bytes[at + i]!;
    const part = byte & 127;
    if (i < 4) low += part * 2 ** (7 * i);
    else if (i === 4) {
      low += (part & 15) * 2 ** 28;
      high += part >> 4;
    } else high += part * 2 ** (7 * i - 32);
    if (byte < 128) return {value: signed(low, high % 2 ** 32), end: at + i + 1};
  }
  throw corrupt(at, 'a number has more than 64 bits');
}

/** The number of two 32-bit halves, in two's complement. */
export function signed(low: number, high: number): number {
  return (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low;
}

/** A whole number; rounded beyond 2^53. */
export function integerOf(messages: Messages, field: Field): number {
  if (field.wire !== 'varint') throw corrupt(field.from, `field ${field.number} must be a number`);
  return varintAt(messages, field.from, field.to).value;
}

/** A float32. */
export function floatOf({view}: Messages, field: Field): number {
  if (field.wire !== 'fixed32') throw corrupt(field.from, `field ${field.number} must be a float`);
  return view.getFloat32(field.from, true);
}

/** A span of bytes: a message inside, text, packed numbers. */
export function spanOf(field: Field): Span {
  if (field.wire !== 'bytes') throw corrupt(field.from, `field ${field.number} must be a span of bytes`);
  return field;
}

const UTF8 = new TextDecoder();

/** A text; what is not UTF-8 in it is replaced. */
export function textOf({bytes}: Messages, field: Field): string {
  const {from, to} = spanOf(field);
  return UTF8.decode(bytes.subarray(from, to));
}

/** Whole numbers, packed in a span or one alone, after those in `numbers`. */
export function addIntegers(messages: Messages, field: Field, numbers: number[]): void {
  if (field.wire === 'varint') {
    numbers.push(integerOf(messages, field));
    return;
  }
  const {from, to} = spanOf(field);
  for (let at = from; at < to; ) {
    const {value, end} = varintAt(messages, at, to);
    numbers.push(value);
    at = end;
  }
}

/** float32 numbers, packed in a span or one alone, after those in `numbers`. */
export function addFloats(messages: Messages, field: Field, numbers: number[]): void {
  if (field.wire === 'fixed32') {
    numbers.push(floatOf(messages, field));
    return;
  }
  const {from, to} = spanOf(field);
  if ((to - from) % 4 !== 0) throw corrupt(from, `${to - from} bytes are no float32 numbers`);
  for (let at = from; at < to; at += 4) numbers.push(messages.view.getFloat32(at, true));
}

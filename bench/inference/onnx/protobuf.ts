/** Fields of one protobuf message, already encoded; joined by {@link message}. */
export type Field = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A whole number, at least 0 and at most 2^53 - 1. */
export function intField(number: number, value: number): Field {
  return [varint(number * 8 + VARINT), varint(value)];
}

export function floatField(number: number, value: number): Field {
  return [varint(number * 8 + FIXED_32), new Uint8Array(Float32Array.of(value).buffer)];
}

export function textField(number: number, value: string): Field {
  return bytesField(number, [new TextEncoder().encode(value)]);
}

/** Bytes or an embedded message. */
export function bytesField(number: number, parts: Field): Field {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varint(number * 8 + LENGTH_DELIMITED), varint(length), ...parts];
}

/** Joins the fields of the outermost message. */
export function message(fields: Field): Uint8Array {
  const joined = new Uint8Array(fields.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of fields) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

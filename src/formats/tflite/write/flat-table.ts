import type {Builder, Offset} from 'flatbuffers';

/** A value of a field; `offset` is something written before. */
export type FieldValue =
  | readonly [kind: 'bool', value: boolean]
  | readonly [kind: 'float32' | 'int32' | 'int8' | 'offset', value: number];

/** Where the content of a tensor begins is a multiple of this many bytes. */
export const CONTENT_ALIGNMENT = 16;

/**
 * Writes a table. Every field given is written, also where it is what the format has for an absent one: runtimes do not
 * agree on those.
 *
 * @param numbers Numbers of the table's fields by name.
 */
export function writeTable<Name extends string>(
  builder: Builder,
  numbers: Readonly<Record<Name, number>>,
  fields: Readonly<Partial<Record<Name, FieldValue>>>,
): Offset {
  const given = Object.entries(fields) as [Name, FieldValue][];
  builder.startObject(Math.max(-1, ...given.map(([name]) => numbers[name])) + 1);
  for (const [name, [kind, value]] of given) {
    const slot = numbers[name];
    // No number equals NaN, so none is left out for being what is absent.
    if (kind === 'offset') builder.addFieldOffset(slot, value, 0);
    else if (kind === 'float32') builder.addFieldFloat32(slot, value, Number.NaN);
    else if (kind === 'int32') builder.addFieldInt32(slot, value, Number.NaN);
    else builder.addFieldInt8(slot, Number(value), Number.NaN);
  }
  return builder.endObject();
}

/** A vector of things written before. */
export function writeOffsets(builder: Builder, offsets: readonly Offset[]): Offset {
  builder.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) builder.addOffset(offset);
  return builder.endVector();
}

/** A vector of numbers of one kind; `int64` of whole ones. */
export function writeNumbers(builder: Builder, kind: 'float32' | 'int32' | 'int64', values: ArrayLike<number>): Offset {
  const size = kind === 'int64' ? 8 : 4;
  builder.startVector(size, values.length, size);
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    if (kind === 'float32') builder.addFloat32(value);
    else if (kind === 'int32') builder.addInt32(value);
    else builder.addInt64(BigInt(value));
  }
  return builder.endVector();
}

/** A vector of bytes that begins where typed arrays may. */
export function writeBytes(builder: Builder, content: ArrayBufferView, alignment: number): Offset {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  builder.prep(alignment, bytes.length);
  return builder.createByteVector(bytes);
}

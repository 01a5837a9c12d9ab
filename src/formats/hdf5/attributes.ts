import {readDataspace, readDatatype} from './datatype.ts';
import {corrupt, type Fields, unsupported} from './fields.ts';
import type {GlobalHeap} from './heap.ts';
import {MESSAGE, type ObjectHeader} from './object-header.ts';

/** The texts of an object's attributes: one, or a list. Attributes of numbers are left out, but for empty lists. */
export type Attributes = ReadonlyMap<string, string | readonly string[]>;

/**
 * Reads the attributes of an object.
 *
 * @throws TfmotError `corrupt-file` or `unsupported-model`.
 */
export function readAttributes(fields: Fields, heap: GlobalHeap, header: ObjectHeader): Attributes {
  const attributes = new Map<string, string | readonly string[]>();
  for (const {type, at, size} of header.messages) {
    // Many attributes stand in a heap of their own, if that has an address.
    if (type === MESSAGE.attributeInfo && fields.address(at + 2 + (fields.u8(at + 1) & 1 ? 2 : 0)) !== null)
      throw unsupported(at, 'attributes in a heap');
    if (type === MESSAGE.attribute) {
      const [name, value] = readAttribute(fields, heap, at, at + size);
      if (value !== null) attributes.set(name, value);
    }
  }
  return attributes;
}

function readAttribute(
  fields: Fields,
  heap: GlobalHeap,
  start: number,
  end: number,
): [string, string | readonly string[] | null] {
  const version = fields.u8(start);
  if (version < 1 || version > 3) throw corrupt(start, 'an attribute is of no known version');
  const [nameSize, typeSize, spaceSize] = [fields.u16(start + 2), fields.u16(start + 4), fields.u16(start + 6)];
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const nameAt = start + (version === 3 ? 9 : 8);
  const typeAt = nameAt + padded(nameSize);
  const spaceAt = typeAt + padded(typeSize);
  const dataAt = spaceAt + padded(spaceSize);
  const name = fields.text(nameAt, nameSize);
  // Types and spaces that other objects share are read by no model's name or config.
  if (version > 1 && fields.u8(start + 1) !== 0) return [name, null];
  const {dtype, size} = readDatatype(fields, typeAt);
  const shape = readDataspace(fields, spaceAt);
  const count = shape.reduce((product, length) => product * length, 1);
  if (count === 0) return [name, []];
  if (dtype !== 'string' && dtype !== 'vlen-string') return [name, null];
  if (!(dataAt + count * size <= end)) throw corrupt(start, `attribute '${name}' reaches out of its header`);
  const texts = Array.from({length: count}, (_, i) =>
    dtype === 'string' ? fields.text(dataAt + size * i, size) : heap.text(dataAt + size * i),
  );
  return [name, shape.length === 0 ? texts[0]! : texts];
}

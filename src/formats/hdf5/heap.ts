import {corrupt, type Fields} from './fields.ts';

/** Objects of variable length, by collection and number. */
export interface GlobalHeap {
  /** The text that an element of 16 bytes at a place refers to. @throws TfmotError `corrupt-file`. */
  text(at: number): string;
}

/** The global heap of a file. Each collection is walked once. */
export function globalHeap(fields: Fields): GlobalHeap {
  const collections = new Map<number, ReadonlyMap<number, {readonly at: number; readonly size: number}>>();
  const objectsOf = (at: number) => {
    const known = collections.get(at);
    if (known !== undefined) return known;
    fields.expect(at, 'GCOL');
    const end = at + fields.u64(at + 8);
    fields.view(at, end - at);
    const objects = new Map<number, {at: number; size: number}>();
    for (let head = at + 16; head + 16 <= end; ) {
      fields.visit(head);
      const index = fields.u16(head);
      const size = fields.u64(head + 8);
      if (index === 0) break;
      if (head + 16 + size > end) throw corrupt(head, 'an object reaches out of its heap');
      objects.set(index, {at: head + 16, size});
      head += 16 + Math.ceil(size / 8) * 8;
    }
    collections.set(at, objects);
    return objects;
  };
  return {
    text: at => {
      fields.visit(at);
      const length = fields.u32(at);
      const collection = fields.address(at + 4);
      if (length === 0 || collection === null || collection === 0) return '';
      const object = objectsOf(collection).get(fields.u32(at + 12));
      if (object === undefined || length > object.size) throw corrupt(at, 'a text is not in its heap');
      return fields.text(object.at, length);
    },
  };
}

import {corrupt, type Fields, unsupported} from './fields.ts';
import {MESSAGE, type ObjectHeader} from './object-header.ts';

/** Where the members of a group lie, by name. */
export type Links = ReadonlyMap<string, number>;

/** Longest name of a member, in bytes. */
const MAX_NAME = 4096;
/** A tree of a group is a few levels high. */
const MAX_LEVELS = 32;

/**
 * Reads the members of a group: those of its symbol table, or its link messages. Links to names and to other files are
 * left out.
 *
 * @returns None for a data set.
 * @throws TfmotError `corrupt-file` or `unsupported-model`.
 */
export function readLinks(fields: Fields, {messages}: ObjectHeader): Links {
  const links = new Map<string, number>();
  for (const {type, at} of messages) {
    if (type === MESSAGE.symbolTable) readSymbolTable(fields, at, links);
    if (type === MESSAGE.link) readLink(fields, at, links);
    if (type === MESSAGE.linkInfo && fields.address(at + 2 + (fields.u8(at + 1) & 1 ? 8 : 0)) !== null)
      throw unsupported(at, 'links in a heap');
  }
  return links;
}

function readSymbolTable(fields: Fields, at: number, links: Map<string, number>): void {
  const heap = fields.u64(at + 8);
  fields.expect(heap, 'HEAP');
  const names = {from: fields.u64(heap + 24), size: fields.u64(heap + 8)};
  const stack = [{node: fields.u64(at), level: MAX_LEVELS}];
  while (stack.length > 0) {
    const {node, level} = stack.pop()!;
    fields.visit(node);
    fields.expect(node, 'TREE');
    const own = fields.u8(node + 5);
    if (fields.u8(node + 4) !== 0 || own >= level) throw corrupt(node, 'the tree of a group is none');
    fields.visit(node, fields.u16(node + 6));
    const children = Array.from({length: fields.u16(node + 6)}, (_, i) => fields.u64(node + 32 + 16 * i));
    if (own > 0) stack.push(...children.map(child => ({node: child, level: own})).reverse());
    else for (const child of children) readSymbols(fields, child, names, links);
  }
}

function readSymbols(
  fields: Fields,
  node: number,
  names: {readonly from: number; readonly size: number},
  links: Map<string, number>,
): void {
  fields.expect(node, 'SNOD');
  const count = fields.u16(node + 6);
  for (let i = 0; i < count; i++) {
    const entry = node + 8 + 40 * i;
    fields.visit(entry);
    const offset = fields.u64(entry);
    if (offset >= names.size) throw corrupt(entry, 'a name is not in its heap');
    // 2 is a link to a name.
    if (fields.u32(entry + 16) === 2) continue;
    const rest = fields.view(names.from + offset, Math.min(MAX_NAME, names.size - offset));
    const length = rest.indexOf(0);
    if (length < 0) throw corrupt(names.from + offset, 'a name does not end');
    links.set(fields.text(names.from + offset, length), fields.u64(entry + 8));
  }
}

function readLink(fields: Fields, start: number, links: Map<string, number>): void {
  const flags = fields.u8(start + 1);
  let at = start + 2;
  if (flags & 8) {
    if (fields.u8(at) !== 0) return;
    at++;
  }
  if (flags & 4) at += 8;
  if (flags & 16) at++;
  const length = [fields.u8, fields.u16, fields.u32, fields.u64][flags & 3]!(at);
  at += 1 << (flags & 3);
  links.set(fields.text(at, length), fields.u64(at + length));
}

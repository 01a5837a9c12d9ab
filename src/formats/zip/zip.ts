import {inflateSync} from 'fflate';
import {TfmotError} from '../../errors.ts';
import {crc32} from '../tfmz/format/crc32.ts';

/** One file in a zip file. */
export interface ZipMember {
  readonly name: string;
  /** Where its entry in the directory lies. */
  readonly entry: {readonly from: number; readonly to: number};
  /** Where its own header begins, which repeats the entry. */
  readonly header: number;
  /** Where its bytes lie, as they are stored. */
  readonly data: {readonly from: number; readonly to: number};
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  /** Bytes when inflated. */
  readonly size: number;
}

/** A zip file: its members as its directory lists them. */
export interface Zip {
  readonly members: readonly ZipMember[];
  /** Where the directory begins. */
  readonly directory: number;
  /** Where the record of its end begins. */
  readonly end: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** Longest comment behind the end record. */
const MAX_COMMENT = 65_535;
const STORED = 0;
const DEFLATED = 8;
/** How far deflate can make data smaller. */
const MOST_INFLATION = 1032;

/**
 * Reads the directory of a zip file (APPNOTE.TXT 4.3); nothing is inflated.
 *
 * @throws TfmotError `corrupt-file` when it is damaged; `unsupported-model` for encrypted members, and files that need
 *     the 64-bit form.
 */
export function readZip(bytes: Uint8Array): Zip {
  const view = viewOf(bytes);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  const members: ZipMember[] = [];
  const names = new Set<string>();
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY)
      throw damaged(at, 'an entry of its directory is expected');
    const [nameSize, extra, comment] = [28, 30, 32].map(field => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const to = at + ENTRY_BYTES + nameSize + extra + comment;
    if (to > end) throw damaged(at, 'its directory goes beyond its end');
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameSize));
    if (names.has(name)) throw damaged(at, `'${name}' is in it twice`);
    names.add(name);
    members.push(memberOf(view, name, {from: at, to}, directory));
    at = to;
  }
  return {members, directory, end};
}

function memberOf(view: DataView, name: string, entry: ZipMember['entry'], directory: number): ZipMember {
  const at = entry.from;
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [crc, stored, size, header] = [16, 20, 24, 42].map(field => view.getUint32(at + field, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (flags & 1) throw refused(`'${name}' in it is encrypted`);
  if (method !== STORED && method !== DEFLATED) throw refused(`'${name}' in it is compressed in way ${method}`);
  if (stored === 0xffffffff || size === 0xffffffff || header === 0xffffffff) throw refused('it is larger than 4 GiB');
  if (header + LOCAL_BYTES > directory || view.getUint32(header, true) !== LOCAL)
    throw damaged(header, `the header of '${name}' is expected`);
  const from = header + LOCAL_BYTES + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  if (from + stored > directory) throw damaged(header, `'${name}' goes beyond its place`);
  if (size > stored * MOST_INFLATION + 64 || (method === STORED && size !== stored))
    throw damaged(at, `${stored} bytes of '${name}' cannot become ${size}`);
  return {name, entry, header, data: {from, to: from + stored}, method, crc, size};
}

function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  throw damaged(Math.max(0, last), 'the record of its end is missing. It may be cut off');
}

/**
 * The bytes of a member: a view where it is stored.
 *
 * @throws TfmotError `corrupt-file` when they do not fit their checksum.
 */
export function readMember(bytes: Uint8Array, {name, data, method, crc, size}: ZipMember): Uint8Array {
  const stored = bytes.subarray(data.from, data.to);
  let content = stored;
  if (method === DEFLATED) {
    try {
      content = inflateSync(stored, {out: new Uint8Array(size)});
    } catch (cause) {
      throw damaged(data.from, `'${name}' cannot be inflated (${(cause as Error).message})`);
    }
  }
  if (content.length !== size || crc32(content) !== crc)
    throw damaged(data.from, `'${name}' does not fit its checksum`);
  return content;
}

/**
 * A zip file with another content for one member, which is stored. All else keeps its bytes and order.
 *
 * @throws TfmotError `unsupported-model` when it would need more than 4 GiB.
 */
export function withMember(
  bytes: Uint8Array,
  {members, directory, end}: Zip,
  name: string,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const inOrder = [...members].sort((a, b) => a.header - b.header);
  const place = inOrder.findIndex(member => member.name === name);
  const {header, entry} = inOrder[place]!;
  const after = inOrder[place + 1]?.header ?? directory;
  const nameSize = viewOf(bytes).getUint16(header + 26, true);
  const local = bytes.slice(header, header + LOCAL_BYTES + nameSize);
  const grown = local.length + content.length - (after - header);
  if (bytes.length + grown >= 0xffffffff) throw refused('with these weights it would be larger than 4 GiB');
  const file = new Uint8Array(bytes.length + grown);
  file.set(bytes.subarray(0, header));
  file.set(local, header);
  file.set(content, header + local.length);
  file.set(bytes.subarray(after), after + grown);
  const view = viewOf(file);
  const crc = crc32(content);
  const facts = (at: number): void => {
    // Neither encrypted nor followed by a copy of its lengths.
    view.setUint16(at - 8, view.getUint16(at - 8, true) & ~8, true);
    view.setUint16(at - 6, STORED, true);
    [crc, content.length, content.length].forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  };
  facts(header + 14);
  view.setUint16(header + 28, 0, true);
  facts(entry.from + grown + 16);
  for (const member of members)
    if (member.header > header) view.setUint32(member.entry.from + grown + 42, member.header + grown, true);
  view.setUint32(end + grown + 16, directory + grown, true);
  return file;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(at: number, what: string): TfmotError {
  return new TfmotError('corrupt-file', `The zip file is damaged at byte ${at}: ${what}. Save or fetch it again.`);
}

function refused(what: string): TfmotError {
  return new TfmotError('unsupported-model', `The zip file cannot be read: ${what}.`);
}

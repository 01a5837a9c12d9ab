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
/** Bytes of a member's own header before its name. */
export const LOCAL_BYTES = 30;
/** Longest comment behind the end record. */
const MAX_COMMENT = 65_535;
/** The method of a member that is not compressed. */
export const STORED = 0;
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

/** A view of the fields of a file. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(at: number, what: string): TfmotError {
  return new TfmotError('corrupt-file', `The zip file is damaged at byte ${at}: ${what}. Save or fetch it again.`);
}

/** The error for what is not read or written. */
export function refused(what: string): TfmotError {
  return new TfmotError('unsupported-model', `The zip file cannot be read: ${what}.`);
}

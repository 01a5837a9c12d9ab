import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import type {Version} from '../coder/version.ts';
import {crc32} from './crc32.ts';

/** `TFMZ`; the version of the format follows. */
const MAGIC: readonly number[] = [0x54, 0x46, 0x4d, 0x5a];
const VERSIONS: readonly number[] = [1, 2];
/** Bytes before the first section. */
export const HEADER_BYTES: number = MAGIC.length + 1;
const CHECKSUM_BYTES = 4;
/** Bytes whose checksum is computed in one go. */
const PIECE = 1 << 18;

/** What a section holds, as its first byte says. */
export const SECTION = {model: 1, weights: 2, skeleton: 3} as const;
/** Sections of this kind or a higher one say nothing that a decoder must know: from format 2 on it leaves them out. */
export const SKIPPABLE = 128;

/** One section of a file: its kind and its payload. */
export interface Section {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** A whole file: the header, then each section as kind, length (LEB128), payload and CRC-32 of these three. */
export function writeContainer(sections: readonly Section[], version: Version = 1): Uint8Array {
  const heads = sections.map(({kind, payload}) => Uint8Array.of(kind, ...leb128(payload.length)));
  const total = sections.reduce((sum, {payload}, i) => sum + heads[i]!.length + payload.length + CHECKSUM_BYTES, 0);
  const file = new Uint8Array(HEADER_BYTES + total);
  file.set([...MAGIC, version]);
  let at = HEADER_BYTES;
  sections.forEach(({payload}, i) => {
    const from = at;
    file.set(heads[i]!, at);
    at += heads[i]!.length;
    file.set(payload, at);
    at += payload.length;
    new DataView(file.buffer).setUint32(at, crc32(file.subarray(from, at)), true);
    at += CHECKSUM_BYTES;
  });
  return file;
}

/**
 * Checks the first bytes of a file, as many as there are.
 *
 * @throws TfmotError `corrupt-file` when they are not those of a .tfmz file, or of one of a later version.
 */
export function checkHeader(bytes: Uint8Array): void {
  if (MAGIC.some((byte, i) => i < bytes.length && bytes[i] !== byte))
    throw corrupt("must start with 'TFMZ', but starts otherwise. Pass the bytes of a .tfmz file");
  const version = bytes[MAGIC.length];
  if (version !== undefined && !VERSIONS.includes(version))
    throw corrupt(
      `must be of version ${VERSIONS.join(' or ')}, but is of version ${version}. Update tfjs-model-optimization`,
    );
}

/** The version of a file whose header is right. */
export function versionOf(file: Uint8Array): Version {
  return file[MAGIC.length] as Version;
}

/**
 * The sections of a file, as views of it; their checksums are still to be checked.
 *
 * @throws TfmotError `corrupt-file` when the file is not a .tfmz file, is of a later version or ends early.
 */
export function readContainer(file: Uint8Array): Section[] {
  checkHeader(file);
  if (file.length < HEADER_BYTES)
    throw corrupt(`must have at least ${HEADER_BYTES} bytes, but has ${file.length}. Fetch it again`);
  const sections: Section[] = [];
  let at = HEADER_BYTES;
  while (at < file.length) {
    const kind = file[at++]!;
    let length = 0;
    let scale = 1;
    let byte = 128;
    while (byte >= 128) {
      if (at >= file.length || scale > 2 ** 49)
        throw corrupt('must hold whole sections, but one ends early. Fetch it again');
      byte = file[at++]!;
      length += (byte & 127) * scale;
      scale *= 128;
    }
    const end = at + length;
    if (end + CHECKSUM_BYTES > file.length)
      throw corrupt(`must hold ${end + CHECKSUM_BYTES} bytes, but has ${file.length}. Fetch it again`);
    sections.push({kind, payload: file.subarray(at, end)});
    at = end + CHECKSUM_BYTES;
  }
  return sections;
}

/**
 * Checks the CRC-32 of every section of a file that {@link readContainer} read.
 *
 * @throws TfmotError `corrupt-file` when one does not match.
 */
export function* checkSums(file: Uint8Array, sections: readonly Section[]): Steps<void> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = HEADER_BYTES;
  for (const [i, {payload}] of sections.entries()) {
    const end = payload.byteOffset - file.byteOffset + payload.length;
    let sum = 0;
    for (; at < end; at += PIECE) {
      sum = crc32(file.subarray(at, Math.min(end, at + PIECE)), sum);
      yield;
    }
    if (sum !== view.getUint32(end, true))
      throw corrupt(`must match its checksums, but section ${i} does not. Fetch it again`);
    at = end + CHECKSUM_BYTES;
  }
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function corrupt(message: string): TfmotError {
  return new TfmotError('corrupt-file', `A .tfmz file ${message}.`);
}

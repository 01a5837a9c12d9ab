import {TfmotError} from '../../../errors.ts';
import {crc32} from './crc32.ts';

/** `TFMZ` and the version of the format. */
const MAGIC: readonly number[] = [0x54, 0x46, 0x4d, 0x5a];
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 1;
const CHECKSUM_BYTES = 4;

/** What a section holds, as its first byte says. */
export const SECTION = {model: 1, weights: 2} as const;

/** One section of a file: its kind, its payload and, checked on reading, their CRC-32. */
export interface Section {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** A whole file: the header, then each section as kind, length (LEB128), payload and CRC-32 of these three. */
export function writeContainer(sections: readonly Section[]): Uint8Array {
  const heads = sections.map(({kind, payload}) => Uint8Array.of(kind, ...leb128(payload.length)));
  const total = sections.reduce((sum, {payload}, i) => sum + heads[i]!.length + payload.length + CHECKSUM_BYTES, 0);
  const file = new Uint8Array(HEADER_BYTES + total);
  file.set([...MAGIC, VERSION]);
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
 * The sections of a file, as views of it. All checksums are checked before the first section is returned.
 *
 * @throws TfmotError `corrupt-file` when the file is not a .tfmz file, is of a later version, ends early or is damaged.
 */
export function readContainer(file: Uint8Array): Section[] {
  if (file.length < HEADER_BYTES || MAGIC.some((byte, i) => file[i] !== byte))
    throw corrupt(
      `must start with 'TFMZ', but has ${file.length} bytes that start otherwise. Pass the bytes of a .tfmz file`,
    );
  if (file[MAGIC.length] !== VERSION)
    throw corrupt(
      `must be of version ${VERSION}, but is of version ${file[MAGIC.length]}. Update tfjs-model-optimization`,
    );
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections: Section[] = [];
  let at = HEADER_BYTES;
  while (at < file.length) {
    const from = at;
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
    if (crc32(file.subarray(from, end)) !== view.getUint32(end, true))
      throw corrupt(`must match its checksums, but section ${sections.length} does not. Fetch it again`);
    sections.push({kind, payload: file.subarray(at, end)});
    at = end + CHECKSUM_BYTES;
  }
  return sections;
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

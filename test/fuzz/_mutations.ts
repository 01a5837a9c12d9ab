import {crc32} from '../../src/formats/tfmz/format/crc32.ts';
import type {Random} from '../../testing/seeded.ts';

const HEADER_BYTES = 5;

/** A file changed in one of many ways: `random` says which. Half of the files get matching checksums again. */
export function mutated(files: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (count: number): number => Math.floor(random() * count);
  const file = files[pick(files.length)]!;
  const changed = MUTATIONS[pick(MUTATIONS.length)]!(file, files[pick(files.length)]!, pick);
  return random() < 0.5 ? withChecksums(changed) : changed;
}

type Mutation = (file: Uint8Array, other: Uint8Array, pick: (count: number) => number) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(file, _other, pick) {
    const copy = file.slice();
    for (let i = pick(4); i >= 0; i--) copy[pick(copy.length)]! ^= 1 << pick(8);
    return copy;
  },
  function flipBitsInPayload(file, _other, pick) {
    const copy = file.slice();
    const sections = sectionsOf(copy);
    const {from, to} = sections[pick(sections.length)]!;
    for (let i = pick(3); i >= 0 && to > from; i--) copy[from + pick(to - from)]! ^= 1 << pick(8);
    return copy;
  },
  function truncate(file, _other, pick) {
    return file.slice(0, pick(file.length));
  },
  function lengthen(file, _other, pick) {
    const copy = new Uint8Array(file.length + 1 + pick(100));
    copy.set(file);
    for (let i = file.length; i < copy.length; i++) copy[i] = pick(4) * pick(256);
    return copy;
  },
  function splice(file, other, pick) {
    const head = file.subarray(0, pick(file.length));
    return Uint8Array.of(...head, ...other.subarray(pick(other.length)));
  },
  function swapSections(file, other, pick) {
    const own = sectionsOf(file);
    const foreign = sectionsOf(other);
    const {start, end} = foreign[pick(foreign.length)]!;
    const at = own[pick(own.length)]!;
    return Uint8Array.of(
      ...file.subarray(0, at.start),
      ...other.subarray(start, end),
      ...file.subarray(pick(2) ? at.end : at.start),
    );
  },
  function declareMore(file, _other, pick) {
    const copy = file.slice();
    const sections = sectionsOf(copy);
    copy[sections[pick(sections.length)]!.start + 1] = 128 + pick(128);
    return copy;
  },
  function randomRun(file, _other, pick) {
    const copy = file.slice();
    const from = pick(copy.length);
    const value = pick(3) === 0 ? 0 : 255;
    for (let i = from; i < Math.min(copy.length, from + 1 + pick(40)); i++) copy[i] = pick(2) ? value : pick(256);
    return copy;
  },
];

interface Extent {
  /** First byte of the section, of its payload, after its payload, after its checksum. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The sections of a sound file; of a damaged one those that can be found. */
function sectionsOf(file: Uint8Array): Extent[] {
  const sections: Extent[] = [];
  let start = HEADER_BYTES;
  while (start + 2 <= file.length) {
    let from = start + 1;
    let length = 0;
    for (let shift = 0; from < file.length; shift += 7) {
      const byte = file[from++]!;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const to = Math.min(from + length, file.length);
    const end = Math.min(to + 4, file.length);
    sections.push({start, from, to, end});
    start = end;
  }
  return sections;
}

/** The file with every checksum made right, so that what lies behind them is reached. */
function withChecksums(file: Uint8Array): Uint8Array {
  const copy = file.slice();
  for (const {start, to, end} of sectionsOf(copy)) {
    if (end - to < 4) continue;
    new DataView(copy.buffer).setUint32(to, crc32(copy.subarray(start, to)), true);
  }
  return copy;
}

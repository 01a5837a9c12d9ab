import type {Random} from '../../testing/seeded.ts';

/** Bytes `[from, to)`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** A sound file of tables that point at one another, and which of its bytes are mere numbers of weights. */
export interface TableFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly weights: readonly Range[];
}

/** Numbers at the edges of what counts, lengths and offsets may be. */
const EDGES: readonly number[] = [0, 1, 2, 4, 127, 128, 255, 256, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff];

/** One file changed in one of many ways, most of them among its tables: `random` says which. */
export function mutatedTables(files: readonly TableFile[], random: Random): Uint8Array {
  const pick = (count: number): number => Math.floor(random() * count);
  const file = files[pick(files.length)]!;
  let bytes: Uint8Array = file.bytes.slice();
  for (let i = pick(3); i >= 0; i--) bytes = MUTATIONS[pick(MUTATIONS.length)]!(bytes, placeIn(file, pick), pick);
  return bytes;
}

/** A place among the tables, or now and then anywhere. */
function placeIn({bytes, weights}: TableFile, pick: (count: number) => number): number {
  for (;;) {
    const at = pick(bytes.length);
    if (pick(16) === 0 || !weights.some(({from, to}) => at >= from && at < to)) return at;
  }
}

type Mutation = (bytes: Uint8Array, at: number, pick: (count: number) => number) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, at, pick) {
    bytes[at]! ^= 1 << pick(8);
    return bytes;
  },
  function otherByte(bytes, at, pick) {
    bytes[at] = pick(256);
    return bytes;
  },
  function edgeOfWord(bytes, at, pick) {
    return withWord(bytes, at, EDGES[pick(EDGES.length)]!);
  },
  function edgeOfHalfWord(bytes, at, pick) {
    const place = at & ~1;
    if (place + 2 <= bytes.length) viewOf(bytes).setUint16(place, EDGES[pick(EDGES.length)]! & 0xffff, true);
    return bytes;
  },
  function nearbyWord(bytes, at, pick) {
    const place = at & ~3;
    return place + 4 > bytes.length ? bytes : withWord(bytes, at, viewOf(bytes).getUint32(place, true) + pick(65) - 32);
  },
  /** An offset that leads where another does, before or behind. */
  function otherOffset(bytes, at, pick) {
    return withWord(bytes, at, pick(bytes.length) - (at & ~3));
  },
  function wordFromElsewhere(bytes, at, pick) {
    const from = pick(bytes.length) & ~3;
    return from + 4 > bytes.length ? bytes : withWord(bytes, at, viewOf(bytes).getUint32(from, true));
  },
  function copyRun(bytes, at, pick) {
    const from = pick(bytes.length);
    bytes.copyWithin(at, from, from + pick(64));
    return bytes;
  },
  function fillRun(bytes, at, pick) {
    return bytes.fill(pick(2) === 0 ? 0 : 255, at, at + 1 + pick(16));
  },
  function truncate(bytes, _at, pick) {
    return pick(4) === 0 ? bytes.slice(0, pick(bytes.length)) : bytes;
  },
];

const viewOf = ({buffer, byteOffset, byteLength}: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
  const place = at & ~3;
  if (place + 4 <= bytes.length) viewOf(bytes).setUint32(place, word >>> 0, true);
  return bytes;
}

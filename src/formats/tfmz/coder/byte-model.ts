import type {BitCoder} from './bit-coder.ts';
import {codeMixed, type Mixture, mixture} from './mixture.ts';
import type {Version} from './version.ts';

/** Slots of the hashed contexts, and bytes that are remembered, as powers of two. */
const SLOT_BITS = {1: 18, 2: 20} as const;
const HISTORY_BITS = {1: 18, 2: 22} as const;
const INPUTS = 8;
/** The last input's slots stand after the hashed ones: one for each length of a repeat and bit it predicts. */
const MATCH = INPUTS - 1;
const MATCH_LENGTHS = 32;
const MATCH_MINIMUM = 5;
const MATCH_BITS = {1: 16, 2: 18} as const;
const GOLDEN = 0x9e3779b1;
const SCATTER = 0x85ebca6b;

/**
 * A model of bytes by what stands before them: orders 1 to 4 and 6, the current word, the byte above, and the longest
 * repeat. For JSON, and for weights that repeat.
 */
export interface ByteModel {
  readonly mixture: Mixture;
  readonly slotBits: number;
  readonly matchBits: number;
  /** Hash of each context at the current byte. */
  readonly hashes: Int32Array;
  /** The last bytes, a power of two of them, each at its index modulo that. */
  readonly history: Uint8Array;
  /** Where five bytes like the last five were seen last, by their hash; 0 for nowhere. */
  readonly seen: Int32Array;
  /** Bytes so far. */
  at: number;
  /** How far back the byte above lies, at least 1 and less than the history. */
  stride: number;
  word: number;
  /** The predicted byte's index and the length of the repeat; length 0 is none. */
  matchAt: number;
  matchLength: number;
}

/** A fresh model. */
export function byteModel(version: Version): ByteModel {
  const slotBits = SLOT_BITS[version];
  const matchBits = MATCH_BITS[version];
  return {
    mixture: mixture((1 << slotBits) + 2 * MATCH_LENGTHS, INPUTS, 24),
    slotBits,
    matchBits,
    hashes: new Int32Array(INPUTS),
    history: new Uint8Array(1 << HISTORY_BITS[version]),
    seen: new Int32Array(1 << matchBits),
    at: 0,
    stride: 4,
    word: 0,
    matchAt: 0,
    matchLength: 0,
  };
}

/** Codes `bytes[from]` to `bytes[to - 1]` in place; a decoder fills them in. */
export function codeBytes(model: ByteModel, coder: BitCoder, bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    hashContexts(model);
    findMatch(model);
    const byte = codeByte(model, coder, bytes[i]!);
    bytes[i] = byte;
    learnByte(model, byte);
  }
}

/** The byte `distance` back; 0 before the first. */
function back({history, at}: ByteModel, distance: number): number {
  return history[(at - distance) & (history.length - 1)]!;
}

function hashContexts(model: ByteModel): void {
  const {hashes, at, stride} = model;
  const a = back(model, 1);
  const b = back(model, 2);
  const c = back(model, 3);
  const two = (b << 8) | a;
  const four = (back(model, 4) << 24) | (c << 16) | two;
  const six = (back(model, 5) << 8) | back(model, 6);
  hashes[0] = hash(a, 1);
  hashes[1] = hash(two, 2);
  hashes[2] = hash((c << 16) | two, 3);
  hashes[3] = hash(four, 4);
  hashes[4] = hash(four ^ Math.imul(six, 0x2c1b3c6d), 5);
  hashes[5] = hash(model.word, 6);
  hashes[6] = hash((back(model, stride) << 2) | (at & 3), 7);
}

function hash(value: number, salt: number): number {
  const mixed = Math.imul(value ^ Math.imul(salt, GOLDEN), SCATTER);
  return mixed ^ (mixed >>> 15);
}

function findMatch(model: ByteModel): void {
  const {seen, at, matchBits, history} = model;
  if (at < MATCH_MINIMUM) return;
  const last = (back(model, 1) << 24) | (back(model, 2) << 16) | (back(model, 3) << 8) | back(model, 4);
  const key = Math.imul(Math.imul(last, GOLDEN) ^ back(model, 5), SCATTER) >>> (32 - matchBits);
  const candidate = seen[key]!;
  seen[key] = at;
  if (model.matchLength > 0 || candidate === 0 || at - candidate > history.length - MATCH_LENGTHS) return;
  const distance = at - candidate;
  let length = 0;
  while (
    length < MATCH_LENGTHS - 1 &&
    length < candidate &&
    back(model, distance + 1 + length) === back(model, 1 + length)
  )
    length++;
  if (length < MATCH_MINIMUM) return;
  model.matchAt = candidate;
  model.matchLength = length;
}

function codeByte(model: ByteModel, coder: BitCoder, byte: number): number {
  const {hashes, history, matchLength, slotBits} = model;
  const {index} = model.mixture;
  const predicted = matchLength > 0 ? history[model.matchAt & (history.length - 1)]! | 256 : 0;
  let node = 1;
  for (let i = 7; i >= 0; i--) {
    const salt = Math.imul(node, 0xc2b2ae35);
    for (let k = 0; k < MATCH; k++) index[k] = Math.imul(hashes[k]! ^ salt, GOLDEN) >>> (32 - slotBits);
    const follows = predicted >>> (i + 1) === node;
    index[MATCH] = (1 << slotBits) + (follows ? 2 * matchLength + ((predicted >>> i) & 1) : 0);
    const set = i + (follows ? (matchLength < 16 ? 8 : 16) : 0);
    node = (node << 1) | codeMixed(model.mixture, set, coder, (byte >>> i) & 1);
  }
  return node & 255;
}

function learnByte(model: ByteModel, byte: number): void {
  const {history} = model;
  const letter = (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte >= 128;
  model.word = letter ? Math.imul(model.word + byte, 0x2c1b3c6d) : byte;
  if (model.matchLength > 0) {
    if (history[model.matchAt & (history.length - 1)] === byte) {
      model.matchAt++;
      if (model.matchLength < MATCH_LENGTHS - 1) model.matchLength++;
    } else {
      model.matchLength = 0;
    }
  }
  history[model.at & (history.length - 1)] = byte;
  model.at++;
}

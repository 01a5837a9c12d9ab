import type {BitCoder} from './bit-coder.ts';
import {codeMixed, type Mixture, mixture} from './mixture.ts';

const SLOT_BITS = 18;
/** Slots of the match input: one for each length and predicted bit, kept apart from the hashed ones. */
const MATCH_LENGTHS = 32;
const MATCH_SLOTS = 1 << SLOT_BITS;
const INPUTS = 8;
const MATCH = 7;
const MATCH_MINIMUM = 5;
const MATCH_BITS = 16;
const MIX = 0x9e3779b1;

/**
 * A model of bytes by what stands before them: orders 1 to 4 and 6, the current word, the place within a four-byte value,
 * and the longest repeat. For JSON, and for weights that repeat.
 */
export interface ByteModel {
  readonly mixture: Mixture;
  /** Hash of each context at the current byte. */
  readonly hashes: Int32Array;
  /** Where in the history the last few bytes were last seen, by their hash; 0 for nowhere. */
  readonly seen: Int32Array;
  word: number;
  /** The predicted byte's place in the history and the length of the repeat; length 0 is none. */
  matchAt: number;
  matchLength: number;
}

/** A fresh model. */
export function byteModel(): ByteModel {
  return {
    mixture: mixture((1 << SLOT_BITS) + 2 * MATCH_LENGTHS + 1, INPUTS, 24),
    hashes: new Int32Array(INPUTS),
    seen: new Int32Array(1 << MATCH_BITS),
    word: 0,
    matchAt: 0,
    matchLength: 0,
  };
}

/** Codes `history[from]` to `history[to - 1]` in place, by what stands before them there; a decoder fills them in. */
export function codeBytes(model: ByteModel, coder: BitCoder, history: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    hashContexts(model, history, at);
    findMatch(model, history, at);
    const byte = codeByte(model, coder, history[at]!, history);
    history[at] = byte;
    learnByte(model, byte, history);
  }
}

function hashContexts(model: ByteModel, history: Uint8Array, at: number): void {
  const {hashes} = model;
  const a = at > 0 ? history[at - 1]! : 0;
  const b = at > 1 ? history[at - 2]! : 0;
  const c = at > 2 ? history[at - 3]! : 0;
  const d = at > 3 ? history[at - 4]! : 0;
  const e = at > 5 ? (history[at - 5]! << 8) | history[at - 6]! : 0;
  const two = (b << 8) | a;
  const four = (d << 24) | (c << 16) | two;
  hashes[0] = hash(a, 1);
  hashes[1] = hash(two, 2);
  hashes[2] = hash((c << 16) | two, 3);
  hashes[3] = hash(four, 4);
  hashes[4] = hash(four ^ Math.imul(e, 0x2c1b3c6d), 5);
  hashes[5] = hash(model.word, 6);
  hashes[6] = hash((d << 2) | (at & 3), 7);
}

function hash(value: number, salt: number): number {
  const mixed = Math.imul(value ^ Math.imul(salt, MIX), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function findMatch(model: ByteModel, history: Uint8Array, at: number): void {
  if (at < MATCH_MINIMUM) return;
  const key = matchHash(history, at);
  const candidate = model.seen[key]!;
  model.seen[key] = at;
  if (model.matchLength > 0 || candidate === 0) return;
  let length = 0;
  while (
    length < MATCH_LENGTHS - 1 &&
    length < candidate &&
    history[candidate - 1 - length] === history[at - 1 - length]
  )
    length++;
  if (length < MATCH_MINIMUM) return;
  model.matchAt = candidate;
  model.matchLength = length;
}

function matchHash(history: Uint8Array, at: number): number {
  const last = (history[at - 1]! << 24) | (history[at - 2]! << 16) | (history[at - 3]! << 8) | history[at - 4]!;
  return Math.imul(Math.imul(last, MIX) ^ history[at - 5]!, 0x85ebca6b) >>> (32 - MATCH_BITS);
}

function codeByte(model: ByteModel, coder: BitCoder, byte: number, history: Uint8Array): number {
  const {hashes} = model;
  const {index} = model.mixture;
  const predicted = model.matchLength > 0 ? history[model.matchAt]! | 256 : 0;
  const length = model.matchLength;
  let node = 1;
  for (let i = 7; i >= 0; i--) {
    const salt = Math.imul(node, 0xc2b2ae35);
    for (let k = 0; k < MATCH; k++) index[k] = Math.imul(hashes[k]! ^ salt, MIX) >>> (32 - SLOT_BITS);
    const follows = predicted >>> (i + 1) === node;
    index[MATCH] = MATCH_SLOTS + (follows ? 1 + length * 2 + ((predicted >>> i) & 1) - 2 : 2 * MATCH_LENGTHS);
    const set = follows ? (length < 16 ? 8 : 16) + i : i;
    node = (node << 1) | codeMixed(model.mixture, set, coder, (byte >>> i) & 1);
  }
  return node & 255;
}

function learnByte(model: ByteModel, byte: number, history: Uint8Array): void {
  const letter = (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte >= 128;
  model.word = letter ? Math.imul(model.word + byte, 0x2c1b3c6d) : byte;
  if (model.matchLength > 0) {
    if (history[model.matchAt] === byte) {
      model.matchAt++;
      if (model.matchLength < MATCH_LENGTHS - 1) model.matchLength++;
    } else {
      model.matchLength = 0;
    }
  }
}

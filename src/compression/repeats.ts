import {byteModel, codeBytes} from './byte-model.ts';
import {rangeEncoder} from './range-encoder.ts';
import {codeTensor, sectionModels} from './tensor-codec.ts';
import type {TensorCoding} from './tensor-header.ts';
import type {Tensor} from './weights-section.ts';

/** Words of a window: long enough that two levels seldom repeat one by chance. */
const WINDOW_WORDS = 16;
const OTHERS_MIN = 4;
const TABLE_BITS = 16;
const SAMPLES_MAX = 1 << 20;
/** A byte model takes a microsecond a byte: it is tried on small weights, and on large ones that repeat a lot. */
const SMALL_BYTES = 1 << 18;
const SOME = 0.02;
const MANY = 0.3;

/**
 * Whether a weight repeats stretches of itself so much that a model of repeats codes it in fewer bytes than `coding`,
 * which looks at rows and columns: tied or tiled kernels, tables, text.
 */
export function repeats(coding: TensorCoding, {elements, place}: Tensor, all: Uint8Array): boolean {
  if (coding.method === 'bytes' || coding.method === 'copy') return false;
  if (coding.method === 'palette' && coding.palette.length === 1) return false;
  const bytes = all.subarray(place.from, place.to);
  if (repeatedWindows(bytes, elements.size) < (bytes.length <= SMALL_BYTES ? SOME : MANY)) return false;
  const plain = rangeEncoder(1 << 16);
  codeTensor(sectionModels(), plain, coding, elements, all, place, false);
  const repeating = rangeEncoder(1 << 16);
  codeBytes(byteModel(), repeating, bytes, 0, bytes.length);
  return repeating.finish().length < plain.finish().length;
}

/** The share of windows, those of zeros apart, that stood somewhere before. */
function repeatedWindows(bytes: Uint8Array, size: number): number {
  const end = Math.min(bytes.length, SAMPLES_MAX);
  const length = WINDOW_WORDS * size;
  const table = new Int32Array(1 << TABLE_BITS).fill(-1);
  let windows = 0;
  let repeated = 0;
  for (let at = 0; at + length <= end; at += size) {
    let hash = 0;
    let others = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[at + i]!;
      if (byte !== 0) others++;
      hash = Math.imul(hash ^ byte, 0x01000193) ^ (hash >>> 15);
    }
    windows++;
    if (others < OTHERS_MIN * size) continue;
    const key = Math.imul(hash, 0x9e3779b1) >>> (32 - TABLE_BITS);
    const before = table[key]!;
    table[key] = at;
    if (before >= 0 && same(bytes, before, at, length)) repeated++;
  }
  return windows === 0 ? 0 : repeated / windows;
}

function same(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

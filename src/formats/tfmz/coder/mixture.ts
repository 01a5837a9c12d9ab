import type {BitCoder} from './bit-coder.ts';
import {LOGIT_LIMIT, SQUASH, STRETCH} from './logistic.ts';

/**
 * A binary model that mixes the opinions of several contexts. Each context names a slot, an adaptive probability; their
 * logits are summed with weights that are learned on the way (logistic mixing), and the sum is the probability coded
 * with.
 *
 * A slot holds the probability of a one in its high 22 bits and how often it was seen in its low 10.
 *
 * The numbers are those of docs/guide/compression.md, "Adaptive probabilities and mixing". Source: M. Mahoney,
 * "Adaptive weighing of context models for lossless data compression" (2005), the mixing of the PAQ archivers.
 */
export interface Mixture {
  readonly slots: Uint32Array;
  /** The slot each input reads for the next bit: to be set before every {@link codeMixed}. */
  readonly index: Int32Array;
  /** `sets` rows of one weight an input, in 1/65536. */
  readonly weights: Int32Array;
  /** A slot stops slowing down after so many bits: from then on it moves by the same share of its error. */
  readonly seenMax: number;
  /** How many bits each set has coded, up to 65535. */
  readonly coded: Uint16Array;
  readonly logits: Int32Array;
}

/** A slot that has seen nothing and knows nothing. */
export const EVEN_SLOT = 0x80000000;
/** The most bits that a slot counts: by then it moves by 1/1024 of its error. */
const SLOT_SEEN_MAX = 1023;
/** A probability of one. */
const SLOT_ONE = 0x3fffff;
const WEIGHT_LIMIT = 0x7ffff;

/** Step of a slot seen n times, 1 / (n + 1.5) in 1/32768. */
const SLOT_STEP: Int32Array = Int32Array.from({length: SLOT_SEEN_MAX + 1}, (_, n) => Math.floor(65536 / (2 * n + 3)));
/** Right shift of a weight's step after n bits: the mixer settles down, from 1/2^14 to 1/2^19. */
const WEIGHT_SHIFT: Uint8Array = Uint8Array.from({length: 1025}, (_, n) =>
  n < 16 ? 14 : n < 64 ? 15 : n < 256 ? 16 : n < 1024 ? 17 : 18,
);

/**
 * @param slots How many adaptive probabilities.
 * @param inputs How many contexts speak on each bit.
 * @param sets How many sets of weights.
 * @param seenMax At most 1023, the default.
 */
export function mixture(slots: number, inputs: number, sets: number, seenMax: number = SLOT_SEEN_MAX): Mixture {
  return {
    slots: new Uint32Array(slots).fill(EVEN_SLOT),
    index: new Int32Array(inputs),
    weights: new Int32Array(sets * inputs).fill(Math.floor(78643 / inputs)),
    seenMax,
    coded: new Uint16Array(sets),
    logits: new Int32Array(inputs),
  };
}

/** Codes `bit` by the slots in `mixture.index` with the weights of `set`, then lets both learn. Returns the bit. */
export function codeMixed(model: Mixture, set: number, coder: BitCoder, bit: number): number {
  const {slots, index, weights, logits, coded, seenMax} = model;
  const inputs = index.length;
  const base = set * inputs;
  let dot = 0;
  for (let i = 0; i < inputs; i++) {
    const logit = STRETCH[slots[index[i]!]! >>> 20]!;
    logits[i] = logit;
    dot += Math.imul(logit, weights[base + i]!) >> 8;
  }
  dot >>= 8;
  if (dot > LOGIT_LIMIT) dot = LOGIT_LIMIT;
  else if (dot < -LOGIT_LIMIT) dot = -LOGIT_LIMIT;
  const p = SQUASH[dot + 4096]!;
  const result = coder.bit(bit, p);

  const n = coded[set]!;
  if (n < 65535) coded[set] = n + 1;
  const shift = n <= 1024 ? WEIGHT_SHIFT[n]! : n < 65535 ? 18 : 19;
  const half = 1 << (shift - 1);
  const error = (result << 16) - p;
  for (let i = 0; i < inputs; i++) {
    const weight = weights[base + i]! + ((Math.imul(logits[i]!, error) + half) >> shift);
    weights[base + i] = weight > WEIGHT_LIMIT ? WEIGHT_LIMIT : Math.max(weight, -WEIGHT_LIMIT);
    const at = index[i]!;
    slots[at] = learnedSlot(slots[at]!, result, seenMax);
  }
  return result;
}

/**
 * {@link codeMixed} for five inputs, one set and slots that never stop slowing down, unrolled: one call for every
 * weight makes this the hottest code.
 */
export function codeMixedFive(
  model: Mixture,
  coder: BitCoder,
  bit: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
): number {
  const {slots, weights, coded} = model;
  const sa = slots[a]!;
  const sb = slots[b]!;
  const sc = slots[c]!;
  const sd = slots[d]!;
  const se = slots[e]!;
  const xa = STRETCH[sa >>> 20]!;
  const xb = STRETCH[sb >>> 20]!;
  const xc = STRETCH[sc >>> 20]!;
  const xd = STRETCH[sd >>> 20]!;
  const xe = STRETCH[se >>> 20]!;
  let dot =
    ((Math.imul(xa, weights[0]!) >> 8) +
      (Math.imul(xb, weights[1]!) >> 8) +
      (Math.imul(xc, weights[2]!) >> 8) +
      (Math.imul(xd, weights[3]!) >> 8) +
      (Math.imul(xe, weights[4]!) >> 8)) >>
    8;
  if (dot > LOGIT_LIMIT) dot = LOGIT_LIMIT;
  else if (dot < -LOGIT_LIMIT) dot = -LOGIT_LIMIT;
  const p = SQUASH[dot + 4096]!;
  const result = coder.bit(bit, p);

  const n = coded[0]!;
  if (n < 65535) coded[0] = n + 1;
  const shift = n <= 1024 ? WEIGHT_SHIFT[n]! : n < 65535 ? 18 : 19;
  const half = 1 << (shift - 1);
  const error = (result << 16) - p;
  weights[0] = limited(weights[0]! + ((Math.imul(xa, error) + half) >> shift));
  weights[1] = limited(weights[1]! + ((Math.imul(xb, error) + half) >> shift));
  weights[2] = limited(weights[2]! + ((Math.imul(xc, error) + half) >> shift));
  weights[3] = limited(weights[3]! + ((Math.imul(xd, error) + half) >> shift));
  weights[4] = limited(weights[4]! + ((Math.imul(xe, error) + half) >> shift));
  slots[a] = learnedSlot(sa, result);
  slots[b] = learnedSlot(sb, result);
  slots[c] = learnedSlot(sc, result);
  slots[d] = learnedSlot(sd, result);
  slots[e] = learnedSlot(se, result);
  return result;
}

/** {@link codeMixed} for three inputs, unrolled. */
export function codeMixedThree(
  model: Mixture,
  set: number,
  coder: BitCoder,
  bit: number,
  a: number,
  b: number,
  c: number,
): number {
  const {slots, weights, coded, seenMax} = model;
  const sa = slots[a]!;
  const sb = slots[b]!;
  const sc = slots[c]!;
  const xa = STRETCH[sa >>> 20]!;
  const xb = STRETCH[sb >>> 20]!;
  const xc = STRETCH[sc >>> 20]!;
  const base = set * 3;
  let dot =
    ((Math.imul(xa, weights[base]!) >> 8) +
      (Math.imul(xb, weights[base + 1]!) >> 8) +
      (Math.imul(xc, weights[base + 2]!) >> 8)) >>
    8;
  if (dot > LOGIT_LIMIT) dot = LOGIT_LIMIT;
  else if (dot < -LOGIT_LIMIT) dot = -LOGIT_LIMIT;
  const p = SQUASH[dot + 4096]!;
  const result = coder.bit(bit, p);

  const n = coded[set]!;
  if (n < 65535) coded[set] = n + 1;
  const shift = n <= 1024 ? WEIGHT_SHIFT[n]! : n < 65535 ? 18 : 19;
  const half = 1 << (shift - 1);
  const error = (result << 16) - p;
  weights[base] = limited(weights[base]! + ((Math.imul(xa, error) + half) >> shift));
  weights[base + 1] = limited(weights[base + 1]! + ((Math.imul(xb, error) + half) >> shift));
  weights[base + 2] = limited(weights[base + 2]! + ((Math.imul(xc, error) + half) >> shift));
  slots[a] = learnedSlot(sa, result, seenMax);
  slots[b] = learnedSlot(sb, result, seenMax);
  slots[c] = learnedSlot(sc, result, seenMax);
  return result;
}

function limited(weight: number): number {
  return weight > WEIGHT_LIMIT ? WEIGHT_LIMIT : Math.max(weight, -WEIGHT_LIMIT);
}

/** A slot that has seen one more bit. */
export function learnedSlot(slot: number, bit: number, seenMax: number = SLOT_SEEN_MAX): number {
  const seen = slot & SLOT_SEEN_MAX;
  const probability = slot >>> 10;
  const next = probability + (Math.imul(((bit === 0 ? 0 : SLOT_ONE) - probability) >> 6, SLOT_STEP[seen]!) >> 9);
  return (next << 10) | (seen < seenMax ? seen + 1 : seen);
}

/** Codes `bit` by one slot alone, which learns it. */
export function codeSlot(slots: Uint32Array, at: number, coder: BitCoder, bit: number): number {
  const slot = slots[at]!;
  const p = slot >>> 16;
  const result = coder.bit(bit, p < 32 ? 32 : Math.min(p, 65504));
  slots[at] = learnedSlot(slot, result);
  return result;
}

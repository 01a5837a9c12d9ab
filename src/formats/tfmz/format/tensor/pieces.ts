import {TfmotError} from '../../../../errors.ts';
import type {BitCoder} from '../../coder/bit-coder.ts';
import {COPY} from '../../coder/costs.ts';
import {EVEN_SLOT} from '../../coder/mixture.ts';
import {codeLearnedNumber, codeNumber, LENGTH_SLOTS} from '../../coder/numbers.ts';
import type {Meter} from '../meter.ts';
import type {Place} from './stretch.ts';

/** Stretches of a weight that stood before in the bytes of all weights, in order. */
export interface Copies {
  /** Words between the end of the stretch before and this one. */
  readonly gaps: Uint32Array;
  /** Words, at least 1. */
  readonly lengths: Uint32Array;
  /** Bytes from the place that is copied to the stretch. */
  readonly distances: Uint32Array;
}

/**
 * Codes where a weight of `words` words copies.
 *
 * @throws TfmotError `corrupt-file` when the stretches do not fit the weight.
 */
export function codeCopies(coder: BitCoder, words: number, given: Copies | undefined, meter: Meter): Copies {
  const count = codeNumber(coder, given?.gaps.length ?? 0);
  meter.spend(COPY * count);
  const copies = {gaps: new Uint32Array(count), lengths: new Uint32Array(count), distances: new Uint32Array(count)};
  const [gapSlots, lengthSlots, distanceSlots] = [fresh(), fresh(), fresh()];
  let left = words;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const gap = codeLearnedNumber(gapSlots, coder, given?.gaps[i] ?? 0);
    const length = codeLearnedNumber(lengthSlots, coder, (given?.lengths[i] ?? 1) - 1) + 1;
    // A stretch that goes on after a few other words copies from as far back as the one before.
    const same = given !== undefined && given.distances[i] === last;
    const coded = codeLearnedNumber(distanceSlots, coder, same ? 0 : (given?.distances[i] ?? 0));
    const distance = coded === 0 ? last : coded;
    left -= gap + length;
    if (left < 0 || distance === 0) throw misfit(i);
    copies.gaps[i] = gap;
    copies.lengths[i] = length;
    copies.distances[i] = distance;
    last = distance;
  }
  return copies;
}

/** Words of a weight of `words` that its copies do not give. */
export function restOf(words: number, {lengths}: Copies): number {
  return lengths.reduce((rest, length) => rest - length, words);
}

/** The bytes of a weight that its copies do not give, one after another. */
export function gathered(all: Uint8Array, {from, to}: Place, size: number, copies: Copies): Uint8Array {
  const rest = new Uint8Array(restOf((to - from) / size, copies) * size);
  let at = from;
  let filled = 0;
  copies.gaps.forEach((gap, i) => {
    rest.set(all.subarray(at, at + gap * size), filled);
    filled += gap * size;
    at += (gap + copies.lengths[i]!) * size;
  });
  rest.set(all.subarray(at, to), filled);
  return rest;
}

/**
 * Puts a weight together from the bytes that {@link gathered} gives, and its copies.
 *
 * @throws TfmotError `corrupt-file` when a copy is of what stands before the first weight.
 */
export function scatter(rest: Uint8Array, all: Uint8Array, {from}: Place, size: number, copies: Copies): void {
  let at = from;
  let used = 0;
  copies.gaps.forEach((gap, i) => {
    all.set(rest.subarray(used, used + gap * size), at);
    used += gap * size;
    at += gap * size;
    const distance = copies.distances[i]!;
    if (distance > at) throw misfit(i);
    const end = at + copies.lengths[i]! * size;
    // A stretch may copy itself: what is copied grows with each round.
    for (const source = at - distance; at < end; ) {
      const length = Math.min(at - source, end - at);
      all.copyWithin(at, source, source + length);
      at += length;
    }
  });
  all.set(rest.subarray(used), at);
}

function fresh(): Uint32Array {
  return new Uint32Array(LENGTH_SLOTS).fill(EVEN_SLOT);
}

function misfit(index: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `Copy ${index} of a weight must lie in it and copy what stands before, but does not. Fetch the file again.`,
  );
}

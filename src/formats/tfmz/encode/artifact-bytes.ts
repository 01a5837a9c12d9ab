import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {placeSpecs, stringBytesAt} from '../../../artifacts/specs.ts';
import {type Elements, type Words, wordsOf} from '../format/elements.ts';
import type {Place} from '../format/tensor/stretch.ts';

/** The words of one weight, copied so that they are aligned. */
export function wordsAt(elements: Elements, all: Uint8Array, {from, to}: Place): Words {
  const words = wordsOf(elements, elements.count);
  new Uint8Array(words.buffer).set(all.subarray(from, to));
  return words;
}

/**
 * Bytes each string weight takes, in order.
 *
 * @throws TfmotError `invalid-weights` when they go beyond the end.
 */
export function stringLengths(specs: readonly WeightSpec[], all: Uint8Array): number[] {
  const placed = placeSpecs(specs, (elements, from) => stringBytesAt(all, elements, from));
  return placed.filter(({stored}) => stored === 'string').map(({from, to}) => to - from);
}

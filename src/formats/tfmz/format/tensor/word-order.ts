import type {Elements} from '../elements.ts';

/**
 * The place of a word among all words of its type, from 0, ascending in value: negative words before positive ones. Of
 * floats, -0 comes first of all; words whose low mantissa bits are zero have places whose low bits are zero.
 */
export function placeOfWord({kind, size, signed}: Elements, word: number): number {
  if (!signed) return word;
  const half = 2 ** (8 * size - 1);
  if (kind === 'integer') return (word + half) % (2 * half);
  return word < half ? word + half : word === half ? 0 : 2 * half - word;
}

/** The word at a place, the inverse of {@link placeOfWord}. */
export function wordAtPlace({kind, size, signed}: Elements, place: number): number {
  if (!signed) return place;
  const half = 2 ** (8 * size - 1);
  if (kind === 'integer') return (place + half) % (2 * half);
  return place >= half ? place - half : place === 0 ? half : 2 * half - place;
}

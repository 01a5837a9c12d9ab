import type {Section} from '../format/container.ts';
import type {Elements} from '../format/elements.ts';
import {defaultLimits, LIMIT_NAMES, type Limits} from '../format/limits.ts';
import type {TensorCoding} from '../format/tensor/tensor-header.ts';

/**
 * What a file of format 1 may declare, by its size alone. Decoders count decisions instead; the first ones refused more
 * than this, and a file that needs more is of format 2.
 */
const OUTPUT_BASE_BYTES = 1 << 24;
const OUTPUT_BYTES_A_BYTE = 1 << 14;
const CODED_BASE = 1 << 16;
const CODED_A_BYTE = 1 << 10;
/** A byte of the byte model counts as so many words. */
export const WORDS_A_BYTE = 8;

/** Whether the sections of a file that holds `outputBytes` of weights are long enough for format 1. */
export function fitsFormat1(sections: readonly (Section & {readonly words: number})[], outputBytes: number): boolean {
  const bytes = sections.reduce((sum, {payload}) => sum + payload.length, 0);
  return (
    outputBytes <= OUTPUT_BASE_BYTES + OUTPUT_BYTES_A_BYTE * bytes &&
    sections.every(({words, payload}) => words <= CODED_BASE + CODED_A_BYTE * payload.length)
  );
}

/** Words that are coded one by one, each byte of the byte model as much as eight; a constant or a copy is not. */
export function codedWords(coding: TensorCoding, elements: Elements): number {
  if (coding.method === 'bytes') return elements.count * elements.size * WORDS_A_BYTE;
  if (coding.method === 'indices') return elements.count * WORDS_A_BYTE;
  if (coding.method === 'copy') return 0;
  return coding.method === 'palette' && coding.palette.length === 1 ? 0 : elements.count;
}

/** Of what a file of `fileBytes` takes, that which the default limits do not allow; undefined for nothing. */
export function beyondDefault(fileBytes: number, taken: Limits): Partial<Limits> | undefined {
  const allowed = defaultLimits(fileBytes);
  const beyond = LIMIT_NAMES.filter(name => taken[name] > allowed[name]).map(name => [name, taken[name]]);
  return beyond.length === 0 ? undefined : (Object.fromEntries(beyond) as Partial<Limits>);
}

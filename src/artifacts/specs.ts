import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import type {WeightSpec} from './artifacts.ts';
import {DTYPES, type StoredDtype, storedDtype} from './dtypes.ts';

/** A weight spec that has been checked. */
export interface CheckedSpec {
  readonly spec: WeightSpec;
  readonly stored: StoredDtype;
  /** Product of the shape. */
  readonly elements: number;
}

/** A checked spec and where its bytes lie: `[from, to)`. */
export interface PlacedSpec extends CheckedSpec {
  readonly from: number;
  readonly to: number;
}

/** Largest number of elements of one weight: what a 32-bit memory could hold of bytes. */
const MAX_ELEMENTS = 2 ** 32;

/**
 * Checks weight specs: names that differ, known dtypes, shapes of whole numbers, sizes that a memory can hold.
 *
 * @throws TfmotError `invalid-weights`, naming the first thing that is wrong.
 */
export function checkSpecs(specs: readonly WeightSpec[]): CheckedSpec[] {
  if (!Array.isArray(specs)) throw invalid(`weightSpecs must be a list, but is ${typeof specs}.`);
  const names = new Set<string>();
  // Not map: it would keep the holes of an array made by hand.
  return Array.from(specs as readonly WeightSpec[], spec => {
    const name: unknown = spec?.name;
    if (typeof name !== 'string')
      throw invalid(`Each weight spec must have a name of text, but one has ${show(name)}.`);
    if (names.has(name))
      throw invalid(`Weight names must differ, but '${name}' appears twice. Rename one of the layers.`);
    names.add(name);
    const stored = storedDtype(spec);
    return {spec, stored, elements: elementsOf(spec)};
  });
}

/**
 * Where each weight lies: one after another, in the order of the specs.
 *
 * @param stringBytes Bytes that a weight of `elements` strings takes, which its spec does not say, when it begins at
 *     byte `from`.
 * @throws TfmotError `invalid-weights` as {@link checkSpecs}.
 */
export function placeSpecs(
  specs: readonly WeightSpec[],
  stringBytes: (elements: number, from: number) => number,
): PlacedSpec[] {
  let at = 0;
  return checkSpecs(specs).map(checked => {
    const {wordBytes, words} = DTYPES[checked.stored];
    const from = at;
    at += checked.stored === 'string' ? stringBytes(checked.elements, from) : checked.elements * words * wordBytes;
    return {...checked, from, to: at};
  });
}

/**
 * Bytes of `elements` strings that begin at byte `from`: TensorFlow.js writes the length of each in four bytes, then
 * its bytes.
 *
 * @throws TfmotError `invalid-weights` when they go beyond the end.
 */
export function stringBytesAt(all: Uint8Array, elements: number, from: number): number {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  let at = from;
  for (let i = 0; i < elements; i++) {
    if (at + 4 > all.length) throw misfit(at + 4, all.length);
    at += 4 + view.getUint32(at, true);
  }
  if (at > all.length) throw misfit(at, all.length);
  return at - from;
}

/** The error for weight data of another length than the specs need. */
export function misfit(needed: number, given: number): TfmotError {
  return invalid(
    `The weight specs need ${needed} bytes, but the weight data has ${given}. The file is cut off or belongs to another model.`,
  );
}

function elementsOf({name, shape}: WeightSpec): number {
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size) && size >= 0))
    throw invalid(`The shape of weight '${name}' must be whole numbers, but is ${show(shape)}.`);
  let elements = 1;
  for (const size of shape as readonly number[]) {
    elements *= size;
    if (elements > MAX_ELEMENTS)
      throw invalid(
        `Weight '${name}' of shape [${shape}] has more than ${MAX_ELEMENTS} elements, which no memory holds.`,
      );
  }
  return elements;
}

function invalid(message: string): TfmotError {
  return new TfmotError('invalid-weights', message);
}

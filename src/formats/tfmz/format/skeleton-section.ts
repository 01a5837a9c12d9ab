import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import type {BitCoder} from '../coder/bit-coder.ts';
import {byteModel, codeBytes} from '../coder/byte-model.ts';
import {BYTE, BYTE_MODEL, COPY} from '../coder/costs.ts';
import {EVEN_SLOT} from '../coder/mixture.ts';
import {codeLearnedNumber, codeNumber, LENGTH_SLOTS} from '../coder/numbers.ts';
import {rangeDecoder} from '../coder/range-decoder.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import {checkBytes} from './limits.ts';
import type {Meter} from './meter.ts';
import type {Place} from './tensor/stretch.ts';

/** A model file of another format without its weights: what stands around them, and where each of them lies. */
export interface Skeleton {
  /** The ending of such files: `onnx`, `tflite`, `h5`. */
  readonly format: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Where each weight lies in the file, in the order of the weight specs: ascending, none over another. */
  readonly places: readonly Place[];
  /** All other bytes, one after another. */
  readonly around: Uint8Array;
}

/** Letters of a format's name at most. */
const NAME_MAX = 32;
/** Bytes that are coded in one go. */
const PIECE = 512;

/**
 * Takes the weights out of a file.
 *
 * @throws TfmotError `invalid-argument` when the places are not ascending or leave the file.
 */
export function skeletonOf(format: string, file: Uint8Array, places: readonly Place[]): Skeleton {
  let at = 0;
  const around = new Uint8Array(places.reduce((rest, {from, to}) => rest - (to - from), file.length));
  let filled = 0;
  for (const {from, to} of [...places, {from: file.length, to: file.length}]) {
    if (from < at || to < from || to > file.length)
      throw new TfmotError(
        'invalid-argument',
        `The places of weights must be ascending and lie in the file of ${file.length} bytes, but one is ${from} to ${to} after ${at}.`,
      );
    around.set(file.subarray(at, from), filled);
    filled += from - at;
    at = to;
  }
  return {format, size: file.length, places, around};
}

/**
 * The file of a skeleton.
 *
 * @param weights The bytes of each weight, in the order of the places.
 * @throws TfmotError `invalid-weights` when one does not have the length of its place.
 */
export function filledSkeleton({size, places, around}: Skeleton, weights: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(size);
  let at = 0;
  let used = 0;
  places.forEach(({from, to}, i) => {
    const weight = weights[i];
    if (weight?.length !== to - from)
      throw new TfmotError('invalid-weights', `Weight ${i} must have ${to - from} bytes, but has ${weight?.length}.`);
    file.set(around.subarray(used, used + from - at), at);
    used += from - at;
    file.set(weight, from);
    at = to;
  });
  file.set(around.subarray(used), at);
  return file;
}

/** The payload of a skeleton section. */
export function* encodeSkeleton(skeleton: Skeleton, meter: Meter): Steps<Uint8Array> {
  const coder = rangeEncoder();
  codeName(coder, skeleton.format);
  codeNumber(coder, skeleton.size);
  codePlaces(coder, skeleton.size, skeleton.places, meter);
  yield* codeAround(coder, skeleton.around.slice(), meter);
  return coder.finish();
}

/**
 * Reads what {@link encodeSkeleton} wrote.
 *
 * @param maxBytes Of the whole file.
 * @throws TfmotError `corrupt-file`, or `memory-limit` when the budget ends or the file is larger.
 */
export function* decodeSkeleton(payload: Uint8Array, maxBytes: number, meter: Meter): Steps<Skeleton> {
  const coder = rangeDecoder(payload);
  const format = codeName(coder, '');
  const size = codeNumber(coder, 0);
  checkBytes(size, maxBytes);
  const places = codePlaces(coder, size, undefined, meter);
  const length = places.reduce((rest, {from, to}) => rest - (to - from), size);
  meter.check(BYTE_MODEL[2] + length * BYTE);
  const around = new Uint8Array(length);
  yield* codeAround(coder, around, meter);
  coder.finish();
  return {format, size, places, around};
}

function codeName(coder: BitCoder, name: string): string {
  const length = codeNumber(coder, name.length);
  if (length > NAME_MAX) throw unsound(`its format has a name of ${length} letters`);
  const codes = Array.from({length}, (_, i) => coder.raw(name.charCodeAt(i) & 127, 7));
  return String.fromCharCode(...codes);
}

function codePlaces(
  coder: BitCoder,
  size: number,
  given: readonly Place[] | undefined,
  meter: Meter,
): readonly Place[] {
  const count = codeNumber(coder, given?.length ?? 0);
  meter.spend(count * COPY);
  const [gaps, lengths] = [new Uint32Array(LENGTH_SLOTS), new Uint32Array(LENGTH_SLOTS)];
  gaps.fill(EVEN_SLOT);
  lengths.fill(EVEN_SLOT);
  const places: Place[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const place = given?.[i] ?? {from: at, to: at};
    const from = at + codeLearnedNumber(gaps, coder, place.from - at);
    at = from + codeLearnedNumber(lengths, coder, place.to - place.from);
    if (at > size) throw unsound(`weight ${i} leaves it`);
    places.push({from, to: at});
  }
  return places;
}

function* codeAround(coder: BitCoder, around: Uint8Array, meter: Meter): Steps<void> {
  meter.spend(BYTE_MODEL[2]);
  const model = byteModel(2);
  for (let from = 0; from < around.length; from += PIECE) {
    const to = Math.min(around.length, from + PIECE);
    meter.spend((to - from) * BYTE);
    codeBytes(model, coder, around, from, to);
    yield;
  }
}

function unsound(why: string): TfmotError {
  return new TfmotError('corrupt-file', `A file skeleton must be sound, but ${why}. Fetch the file again.`);
}

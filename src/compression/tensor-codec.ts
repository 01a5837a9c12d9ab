import {TfmotError} from '../errors.ts';
import type {BitCoder} from './bit-coder.ts';
import {type ByteModel, byteModel, codeBytes} from './byte-model.ts';
import {type Elements, wordsOf} from './elements.ts';
import {beginFloats, codeFloatRow, type FloatModel, floatModel} from './float-model.ts';
import {beginGrid, codeRow, type GridModel, gridModel} from './grid-model.ts';
import type {TensorCoding} from './tensor-header.ts';

/** The models of one section: tensors that follow one another share what they taught. */
export interface SectionModels {
  readonly grid: GridModel;
  readonly float: FloatModel;
  bytes: ByteModel | undefined;
}

/** Fresh models. */
export function sectionModels(): SectionModels {
  return {grid: gridModel(), float: floatModel(), bytes: undefined};
}

/** Where one weight lies in the bytes of all. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Levels of a row to its words, or back. */
interface RowMap {
  levels(words: ArrayLike<number>, levels: Int32Array, length: number): void;
  words(levels: Int32Array, words: Uint8Array | Uint16Array | Uint32Array, length: number): void;
}

/**
 * Codes the bytes of one weight in place: an encoder reads them from `all`, a decoder writes them there.
 *
 * @param decoding Whether `coder` reads.
 * @throws TfmotError `corrupt-file` when a decoded level has no word.
 */
export function codeTensor(
  models: SectionModels,
  coder: BitCoder,
  coding: TensorCoding,
  elements: Elements,
  all: Uint8Array,
  place: Place,
  decoding: boolean,
): void {
  if (coding.method === 'copy') throw new TfmotError('invalid-argument', 'A copied weight has nothing to code.');
  if (coding.method === 'bytes') {
    models.bytes ??= byteModel();
    codeBytes(models.bytes, coder, all, place.from, place.to);
    return;
  }
  if (coding.method === 'palette' && coding.palette.length === 1) {
    if (decoding) fill(elements, coding.palette[0]!, all, place);
    return;
  }
  const {columns, period} = coding;
  const words = wordsOf(elements, columns);
  const bytes = new Uint8Array(words.buffer);
  const levels = new Int32Array(columns);
  const map = coding.method === 'float' ? undefined : rowMap(coding, elements, words);
  if (map === undefined) beginFloats(models.float, columns, period);
  else beginGrid(models.grid, columns, period);
  for (let at = place.from; at < place.to; at += bytes.length) {
    const end = Math.min(place.to, at + bytes.length);
    const length = (end - at) / elements.size;
    if (!decoding) bytes.set(all.subarray(at, end));
    if (coding.method === 'float') {
      const layout = {mantissa: elements.mantissa, shift: coding.shift, top: coding.top};
      codeFloatRow(models.float, coder, layout, words as Uint16Array | Uint32Array, levels, length);
    } else {
      if (!decoding) map?.levels(words, levels, length);
      codeRow(models.grid, coder, levels, length);
      if (decoding) map?.words(levels, words, length);
    }
    if (decoding) all.set(end - at === bytes.length ? bytes : bytes.subarray(0, end - at), at);
  }
}

function fill(elements: Elements, word: number, all: Uint8Array, place: Place): void {
  const words = wordsOf(elements, 1);
  words[0] = word;
  const bytes = new Uint8Array(words.buffer);
  if (bytes.every(byte => byte === bytes[0])) {
    all.fill(bytes[0]!, place.from, place.to);
    return;
  }
  for (let at = place.from; at < place.to; at++) all[at] = bytes[(at - place.from) % bytes.length]!;
}

function rowMap(
  coding: Extract<TensorCoding, {method: 'linear' | 'palette'}>,
  elements: Elements,
  row: Uint8Array | Uint16Array | Uint32Array,
): RowMap {
  if (coding.method === 'palette') return paletteMap(coding.palette, coding.zero);
  if (elements.kind === 'float') return stepMap(coding.scale, new Float32Array(row.buffer));
  const zero = coding.scale;
  const low = elements.signed ? -0x80000000 : 0;
  const high = elements.signed ? 0x7fffffff : 2 ** (8 * elements.size) - 1;
  return {
    levels(words, levels, length) {
      for (let i = 0; i < length; i++) levels[i] = (elements.signed ? words[i]! | 0 : words[i]!) - zero;
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        const value = zero + levels[i]!;
        if (value < low || value > high) throw noWord(levels[i]!);
        words[i] = value;
      }
    },
  };
}

/** `floats` shares the row's bytes, so the words are written through it. */
function stepMap(step: number, floats: Float32Array): RowMap {
  return {
    levels(_words, levels, length) {
      for (let i = 0; i < length; i++) levels[i] = Math.round(floats[i]! / step);
    },
    words(levels, _words, length) {
      for (let i = 0; i < length; i++) floats[i] = levels[i]! * step;
    },
  };
}

function paletteMap(palette: Uint32Array, zero: number): RowMap {
  let levelOf: Map<number, number> | undefined;
  return {
    levels(words, levels, length) {
      levelOf ??= new Map([...palette].map((word, i) => [word, i - zero]));
      for (let i = 0; i < length; i++) levels[i] = levelOf.get(words[i]!)!;
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        const at = levels[i]! + zero;
        if (at < 0 || at >= palette.length) throw noWord(levels[i]!);
        words[i] = palette[at]!;
      }
    },
  };
}

function noWord(level: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `Every coded level must stand for a value, but level ${level} does not. Fetch the file again.`,
  );
}

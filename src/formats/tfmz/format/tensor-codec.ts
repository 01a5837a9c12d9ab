import {TfmotError} from '../../../errors.ts';
import type {BitCoder} from '../coder/bit-coder.ts';
import {type ByteModel, byteModel, codeBytes} from '../coder/byte-model.ts';
import {beginFloats, codeFloatRow, type FloatModel, floatModel} from '../coder/float-model.ts';
import {beginGrid, codeRow, type GridModel, gridModel} from '../coder/grid-model.ts';
import {type Elements, type Words, wordsOf} from './elements.ts';
import {levelMap} from './level-map.ts';
import type {CodingBy, TensorCoding} from './tensor-header.ts';

/** The models of one section: tensors that follow one another share what they taught. */
export interface SectionModels {
  grid: GridModel | undefined;
  float: FloatModel | undefined;
  bytes: ByteModel | undefined;
}

/** Models that are made when they are needed first. */
export function sectionModels(): SectionModels {
  return {grid: undefined, float: undefined, bytes: undefined};
}

/** Where one weight lies in the bytes of all. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Codes the first `length` of a row's words in place. */
type RowCoder = (coder: BitCoder, words: Words, length: number, decoding: boolean) => void;

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
    // Words of one size stand below one another.
    const model = bytesFor(models, elements.size === 1 ? 4 : elements.size);
    codeBytes(model, coder, all, place.from, place.to);
    return;
  }
  if (coding.method === 'palette' && coding.palette.length === 1) {
    if (decoding) fill(elements, coding.palette[0]!, all, place);
    return;
  }
  const codeWords = rowCoder(models, coding, elements);
  const words = wordsOf(elements, coding.columns);
  const bytes = new Uint8Array(words.buffer);
  for (let at = place.from; at < place.to; at += bytes.length) {
    const end = Math.min(place.to, at + bytes.length);
    if (!decoding) bytes.set(all.subarray(at, end));
    codeWords(coder, words, (end - at) / elements.size, decoding);
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

function bytesFor(models: SectionModels, stride: number): ByteModel {
  models.bytes ??= byteModel();
  models.bytes.stride = stride;
  return models.bytes;
}

function rowCoder(
  models: SectionModels,
  coding: CodingBy<'linear' | 'palette' | 'float' | 'indices'>,
  elements: Elements,
): RowCoder {
  if (coding.method === 'float') return floatRows(models, coding, elements);
  return coding.method === 'indices' ? indexRows(models, coding, elements) : gridRows(models, coding, elements);
}

function floatRows(models: SectionModels, coding: CodingBy<'float'>, {mantissa}: Elements): RowCoder {
  const {columns, period, shift, top} = coding;
  models.float ??= floatModel();
  const model = models.float;
  beginFloats(model, columns, period);
  const levels = new Int32Array(columns);
  const layout = {mantissa, shift, top};
  return (coder, words, length) =>
    codeFloatRow(model, coder, layout, words as Uint16Array | Uint32Array, levels, length);
}

function gridRows(models: SectionModels, coding: CodingBy<'linear' | 'palette'>, elements: Elements): RowCoder {
  const {columns, period} = coding;
  models.grid ??= gridModel();
  const model = models.grid;
  beginGrid(model, columns, period);
  const levels = new Int32Array(columns);
  const map = levelMap(coding, elements);
  return (coder, words, length, decoding) => {
    if (!decoding) map.levels(words, levels, length);
    codeRow(model, coder, levels, length);
    if (decoding) map.words(levels, words, length);
  };
}

function indexRows(models: SectionModels, coding: CodingBy<'indices'>, elements: Elements): RowCoder {
  const model = bytesFor(models, coding.columns);
  const levels = new Int32Array(coding.columns);
  const indices = new Uint8Array(coding.columns);
  const map = levelMap(coding, elements);
  return (coder, words, length, decoding) => {
    if (!decoding) {
      map.levels(words, levels, length);
      indices.set(levels);
    }
    codeBytes(model, coder, indices, 0, length);
    if (!decoding) return;
    levels.set(indices);
    map.words(levels, words, length);
  };
}

import {TfmotError} from '../../../../errors.ts';
import type {Steps} from '../../../../pace.ts';
import {codeBytes} from '../../coder/byte-model.ts';
import {BYTE, FILLED_BYTE, ROW} from '../../coder/costs.ts';
import {type Elements, wordsOf} from '../elements.ts';
import type {SectionCoder} from '../section-coder.ts';
import {passesOf, type RowCoding} from './passes.ts';
import {gathered, restOf, scatter} from './pieces.ts';
import type {Place, Stretch} from './stretch.ts';
import type {CodingBy, TensorCoding} from './tensor-header.ts';

/** Cells of a row, or bytes, that are coded in one go. */
const PIECE = 512;
/** A step ends after so many decisions, which take about a third of a millisecond. */
const STEP_DECISIONS = 8192;

/**
 * Codes the bytes of one weight in place: an encoder reads them from `all`, a decoder writes them there.
 *
 * @throws TfmotError `corrupt-file` when a decoded level has no word, `memory-limit` when the budget ends.
 */
export function* codeTensor(
  section: SectionCoder,
  coding: TensorCoding,
  stretch: Stretch,
  all: Uint8Array,
): Steps<void> {
  const {coder, decoding, meter} = section;
  const {elements, place} = stretch;
  switch (coding.method) {
    case 'copy':
      throw new TfmotError('invalid-argument', 'A copied weight has nothing to code.');
    case 'pieces':
      yield* codePieces(section, coding, stretch, all);
      return;
    case 'bytes': {
      const model = section.bytes();
      // Words of one size stand below one another.
      model.stride = elements.size === 1 ? 4 : elements.size;
      for (let from = place.from; from < place.to; from += PIECE) {
        const to = Math.min(place.to, from + PIECE);
        meter.spend((to - from) * BYTE);
        codeBytes(model, coder, all, from, to);
        meter.done += to - from;
        yield;
      }
      return;
    }
    case 'palette':
      if (coding.palette.length === 1) {
        meter.spend((place.to - place.from) * FILLED_BYTE);
        if (decoding) fill(elements, coding.palette[0]!, all, place);
        meter.done += place.to - place.from;
        return;
      }
  }
  yield* codeRows(section, coding, stretch, all);
}

function* codeRows(
  section: SectionCoder,
  coding: RowCoding,
  {elements, rank, place}: Stretch,
  all: Uint8Array,
): Steps<void> {
  const {coder, decoding, meter} = section;
  const passes = passesOf(section, coding, elements, rank);
  const words = wordsOf(elements, coding.method === 'signed' ? coding.inner.columns : coding.columns);
  const bytes = new Uint8Array(words.buffer);
  let decisions = 0;
  for (let at = place.from; at < place.to; at += bytes.length) {
    const end = Math.min(place.to, at + bytes.length);
    const length = (end - at) / elements.size;
    if (!decoding) bytes.set(all.subarray(at, end));
    decisions += ROW;
    for (const pass of passes) {
      pass.begin?.(words, length);
      for (let from = 0; from < length; from += PIECE) {
        decisions += pass.code(coder, words, from, Math.min(length, from + PIECE));
        if (decisions < STEP_DECISIONS) continue;
        meter.spend(decisions);
        decisions = 0;
        yield;
      }
      pass.end?.(words, length);
    }
    if (decoding) all.set(end - at === bytes.length ? bytes : bytes.subarray(0, end - at), at);
    meter.done += end - at;
  }
  meter.spend(decisions);
}

function* codePieces(
  section: SectionCoder,
  {copies, inner}: CodingBy<'pieces'>,
  {elements, rank, place}: Stretch,
  all: Uint8Array,
): Steps<void> {
  const {decoding, meter} = section;
  const {count, size} = elements;
  const rest = restOf(count, copies);
  const bytes = decoding ? new Uint8Array(rest * size) : gathered(all, place, size, copies);
  const stretch = {elements: {...elements, count: rest}, rank, place: {from: 0, to: rest * size}};
  yield* codeTensor(section, inner, stretch, bytes);
  meter.spend((count - rest) * size * FILLED_BYTE);
  if (decoding) scatter(bytes, all, place, size, copies);
  meter.done += (count - rest) * size;
}

/** Fills a weight with one word. */
function fill(elements: Elements, word: number, all: Uint8Array, {from, to}: Place): void {
  if (from === to) return;
  const words = wordsOf(elements, 1);
  words[0] = word;
  all.set(new Uint8Array(words.buffer), from);
  for (let filled = elements.size; filled < to - from; filled *= 2)
    all.copyWithin(from + filled, from, Math.min(from + filled, to - filled));
}

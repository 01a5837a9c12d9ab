import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import {codeNumber} from '../coder/numbers.ts';
import {rangeDecoder} from '../coder/range-decoder.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import type {Elements} from './elements.ts';
import {checkLimit, codedLimit, paddedFor, WORDS_A_BYTE} from './limits.ts';
import {codeTensor, type Place, sectionModels} from './tensor-codec.ts';
import {codeTensorHeader, type TensorCoding} from './tensor-header.ts';

/** One weight of a model: its spec, its words and where they lie in the bytes of all weights. */
export interface Tensor {
  readonly spec: WeightSpec;
  readonly elements: Elements;
  readonly place: Place;
}

/** The payload of a section that holds `tensors[first]` to `tensors[last - 1]`, coded as `codings` says. */
export function encodeWeights(
  tensors: readonly Tensor[],
  codings: readonly TensorCoding[],
  first: number,
  last: number,
  all: Uint8Array,
): Uint8Array {
  const coder = rangeEncoder(1 << 16);
  const models = sectionModels();
  codeNumber(coder, last - first);
  let coded = 0;
  for (let i = first; i < last; i++) {
    const {spec, elements, place} = tensors[i]!;
    const coding = codeTensorHeader(coder, elements, lastExtent(spec), codings[i]!);
    if (coding.method === 'copy') continue;
    codeTensor(models, coder, coding, elements, all, place, false);
    coded += codedWords(coding, elements);
  }
  return paddedFor(coder.finish(), coded);
}

/**
 * Reads what {@link encodeWeights} wrote into `all`.
 *
 * @param first Index of the first weight that is still to come.
 * @returns Index of the first weight after the section.
 * @throws TfmotError `corrupt-file` when the payload does not hold those weights.
 */
export function decodeWeights(payload: Uint8Array, tensors: readonly Tensor[], first: number, all: Uint8Array): number {
  const coder = rangeDecoder(payload);
  const models = sectionModels();
  const count = codeNumber(coder, 0);
  checkLimit(count, tensors.length - first, 'weights in a section');
  let coded = 0;
  for (let i = first; i < first + count; i++) {
    const {spec, elements, place} = tensors[i]!;
    const coding = codeTensorHeader(coder, elements, lastExtent(spec), undefined);
    if (coding.method === 'copy') {
      copy(tensors, coding.source, i, all);
      continue;
    }
    coded += codedWords(coding, elements);
    checkLimit(coded, codedLimit(payload.length), 'coded weights');
    codeTensor(models, coder, coding, elements, all, place, true);
  }
  coder.finish();
  return first + count;
}

function copy(tensors: readonly Tensor[], source: number, target: number, all: Uint8Array): void {
  const from = tensors[source]?.place;
  const to = tensors[target]!.place;
  if (from === undefined || source >= target || from.to - from.from !== to.to - to.from) {
    throw new TfmotError(
      'corrupt-file',
      `Weight ${target} must copy an earlier one of its size, but names ${source}. Fetch the file again.`,
    );
  }
  all.copyWithin(to.from, from.from, from.to);
}

/** Words that are coded one by one, each byte of the byte model as much as eight; a constant is not. */
function codedWords(coding: TensorCoding, elements: Elements): number {
  if (coding.method === 'bytes') return elements.count * elements.size * WORDS_A_BYTE;
  if (coding.method === 'indices') return elements.count * WORDS_A_BYTE;
  return coding.method === 'palette' && coding.palette.length === 1 ? 0 : elements.count;
}

function lastExtent(spec: WeightSpec): number {
  return spec.shape.at(-1) ?? 1;
}

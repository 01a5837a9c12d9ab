import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import {FILLED_BYTE, PALETTE_WORD, WEIGHT} from '../coder/costs.ts';
import {codeNumber} from '../coder/numbers.ts';
import {rangeDecoder} from '../coder/range-decoder.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import type {Version} from './container.ts';
import type {Elements} from './elements.ts';
import type {Meter} from './meter.ts';
import {codeTensor, type Place, sectionModels} from './tensor-codec.ts';
import {codeTensorHeader, type TensorCoding} from './tensor-header.ts';

/** One weight of a model: its spec, its words and where they lie in the bytes of all weights. */
export interface Tensor {
  readonly spec: WeightSpec;
  readonly elements: Elements;
  readonly place: Place;
}

/** The payload of a section that holds `tensors[first]` to `tensors[last - 1]`, coded as `codings` says. */
export function* encodeWeights(
  tensors: readonly Tensor[],
  codings: readonly TensorCoding[],
  first: number,
  last: number,
  all: Uint8Array,
  meter: Meter,
): Steps<Uint8Array> {
  const coder = rangeEncoder(1 << 16);
  const models = sectionModels();
  codeNumber(coder, last - first);
  for (let i = first; i < last; i++) {
    const {spec, elements, place} = tensors[i]!;
    const coding = codeTensorHeader(coder, elements, lastExtent(spec), codings[i]!);
    meter.spend(headerDecisions(coding, place));
    if (coding.method !== 'copy') yield* codeTensor(models, coder, coding, elements, all, place, false, meter);
  }
  return coder.finish();
}

/**
 * Reads what {@link encodeWeights} wrote into `all`.
 *
 * @param first Index of the first weight that is still to come.
 * @returns Index of the first weight after the section.
 * @throws TfmotError `corrupt-file` when the payload does not hold those weights, `memory-limit` when the budget ends.
 */
export function* decodeWeights(
  payload: Uint8Array,
  tensors: readonly Tensor[],
  first: number,
  all: Uint8Array,
  version: Version,
  meter: Meter,
): Steps<number> {
  const coder = rangeDecoder(payload);
  const models = sectionModels();
  const count = codeNumber(coder, 0);
  if (count > tensors.length - first) throw tooMany(count, tensors.length - first);
  for (let i = first; i < first + count; i++) {
    const {spec, elements, place} = tensors[i]!;
    const coding = codeTensorHeader(coder, elements, lastExtent(spec), undefined, version);
    meter.spend(headerDecisions(coding, place));
    if (coding.method === 'copy') copy(tensors, coding.source, i, all);
    else yield* codeTensor(models, coder, coding, elements, all, place, true, meter);
    meter.done = place.to;
    yield;
  }
  coder.finish();
  return first + count;
}

/** What a weight costs before its words; a copy costs its bytes. */
function headerDecisions(coding: TensorCoding, {from, to}: Place): number {
  if (coding.method === 'copy') return WEIGHT + (to - from) * FILLED_BYTE;
  if (coding.method === 'signed') return headerDecisions(coding.inner, {from, to});
  return coding.method === 'palette' || coding.method === 'indices'
    ? WEIGHT + coding.palette.length * PALETTE_WORD
    : WEIGHT;
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

function tooMany(count: number, left: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `A section must hold at most the ${left} weights that are left, but holds ${count}. Fetch the file again.`,
  );
}

function lastExtent(spec: WeightSpec): number {
  return spec.shape.at(-1) ?? 1;
}

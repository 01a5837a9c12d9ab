import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import {FILLED_BYTE} from '../coder/costs.ts';
import {codeNumber} from '../coder/numbers.ts';
import {rangeDecoder} from '../coder/range-decoder.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import type {Version} from '../coder/version.ts';
import type {Elements} from './elements.ts';
import type {Meter} from './meter.ts';
import {sectionCoder} from './section-coder.ts';
import type {Place, Stretch} from './tensor/stretch.ts';
import {codeTensor} from './tensor/tensor-codec.ts';
import {codeTensorHeader, type TensorCoding} from './tensor/tensor-header.ts';

/** One weight of a model: its spec, its words and where they lie in the bytes of all weights. */
export interface CodedTensor {
  readonly spec: WeightSpec;
  readonly elements: Elements;
  readonly place: Place;
}

/** The payload of a section that holds `tensors[first]` to `tensors[last - 1]`, coded as `codings` says. */
export function* encodeWeights(
  version: Version,
  tensors: readonly CodedTensor[],
  codings: readonly TensorCoding[],
  first: number,
  last: number,
  all: Uint8Array,
  meter: Meter,
): Steps<Uint8Array> {
  const coder = rangeEncoder(1 << 16);
  const section = sectionCoder(version, coder, false, meter);
  codeNumber(coder, last - first);
  for (let i = first; i < last; i++) {
    const tensor = tensors[i]!;
    const coding = codeTensorHeader(section, tensor.elements, lastExtent(tensor.spec), codings[i]!);
    if (coding.method === 'copy') payForCopy(meter, tensor.place);
    else yield* codeTensor(section, coding, stretchOf(tensor), all);
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
  version: Version,
  payload: Uint8Array,
  tensors: readonly CodedTensor[],
  first: number,
  all: Uint8Array,
  meter: Meter,
): Steps<number> {
  const coder = rangeDecoder(payload);
  const section = sectionCoder(version, coder, true, meter);
  const count = codeNumber(coder, 0);
  if (count > tensors.length - first) throw tooMany(count, tensors.length - first);
  for (let i = first; i < first + count; i++) {
    const tensor = tensors[i]!;
    const coding = codeTensorHeader(section, tensor.elements, lastExtent(tensor.spec), undefined);
    if (coding.method === 'copy') {
      payForCopy(meter, tensor.place);
      copy(tensors, coding.source, i, all);
    } else {
      yield* codeTensor(section, coding, stretchOf(tensor), all);
    }
    yield;
  }
  coder.finish();
  return first + count;
}

function stretchOf({spec, elements, place}: CodedTensor): Stretch {
  return {elements, rank: spec.shape.length, place};
}

function payForCopy(meter: Meter, {from, to}: Place): void {
  meter.spend((to - from) * FILLED_BYTE);
  meter.done += to - from;
}

function copy(tensors: readonly CodedTensor[], source: number, target: number, all: Uint8Array): void {
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

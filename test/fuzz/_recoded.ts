import type {ModelArtifacts, WeightSpec} from '../../src/artifacts/artifacts.ts';
import {joinedBytes} from '../../src/artifacts/weight-bytes.ts';
import {isTfmotError} from '../../src/errors.ts';
import {codeNumber} from '../../src/formats/tfmz/coder/numbers.ts';
import {rangeEncoder} from '../../src/formats/tfmz/coder/range-encoder.ts';
import type {Version} from '../../src/formats/tfmz/coder/version.ts';
import {stringLengths, wordsAt} from '../../src/formats/tfmz/encode/artifact-bytes.ts';
import {chooseCoding, findersOf} from '../../src/formats/tfmz/encode/choose-coding.ts';
import {SECTION, type Section, writeContainer} from '../../src/formats/tfmz/format/container.ts';
import {meterOf} from '../../src/formats/tfmz/format/meter.ts';
import {encodeModel, type ModelHead} from '../../src/formats/tfmz/format/model-section.ts';
import {sectionCoder} from '../../src/formats/tfmz/format/section-coder.ts';
import {codeTensor} from '../../src/formats/tfmz/format/tensor/tensor-codec.ts';
import {codeTensorHeader, type TensorCoding} from '../../src/formats/tfmz/format/tensor/tensor-header.ts';
import {placeTensors} from '../../src/formats/tfmz/format/tensors.ts';
import {atOnce} from '../../src/pace.ts';
import type {Random} from '../../testing/seeded.ts';
import type {SoundFile} from './_files.ts';

/** Decisions of one weight that are recoded at most, so that a mutant is made in no time. */
const RECODED = 300_000;

/**
 * A file whose declarations or decisions are changed and then coded as an encoder would: every checksum is right, and
 * what is wrong is met by the decoder in the middle of its models.
 */
export function recoded({artifacts, bytes}: SoundFile, random: Random): Uint8Array {
  const pick = (count: number): number => Math.floor(random() * count);
  const version: Version = pick(4) === 0 ? (bytes[4] as Version) : pick(2) === 0 ? 1 : 2;
  const {weightData: _, ...head} = artifacts;
  const specs = pick(2) === 0 ? artifacts.weightSpecs : changedSpecs(artifacts.weightSpecs, pick);
  const all = joinedBytes(artifacts);
  const lengths = stringLengths(artifacts.weightSpecs, all).map(length => (pick(8) === 0 ? pick(100) : length));
  const model = {head: {...head, weightSpecs: specs} as ModelHead, stringBytes: lengths};
  const {payload} = atOnce(encodeModel(version, model, meterOf()));
  const sections: Section[] = [{kind: SECTION.model, payload}, weights(version, artifacts, random)];
  const repeats = pick(6) === 0 ? pick(50) : 0;
  for (let i = 0; i < repeats; i++) sections.push(sections[1]!);
  if (pick(6) === 0) sections.splice(pick(3), 0, {kind: pick(256), payload: Uint8Array.of(pick(256), pick(256))});
  return writeContainer(sections, pick(20) === 0 ? ((3 - version) as Version) : version);
}

/** Specs one of which has another shape, type or name; some are repeated. */
function changedSpecs(specs: readonly WeightSpec[], pick: (count: number) => number): readonly WeightSpec[] {
  if (specs.length === 0) return specs;
  const changed = specs.map(spec => ({...spec}));
  const at = pick(changed.length);
  const spec = changed[at]!;
  const sizes = [0, 1, 3, 4, 255, 4096, 65_536, 2 ** 20, 2 ** 26, 2 ** 32, -1, 1.5];
  const size = (): number => sizes[pick(sizes.length)]!;
  const kinds: Pick<WeightSpec, 'dtype' | 'quantization'>[] = [
    {dtype: 'float32'},
    {dtype: 'int32'},
    {dtype: 'bool'},
    {dtype: 'string'},
    {dtype: 'complex64'},
    {dtype: 'float32', quantization: {dtype: 'uint8', min: 0, scale: 1}},
    {dtype: 'float32', quantization: {dtype: 'uint16', min: 0, scale: 1}},
    {dtype: 'float32', quantization: {dtype: 'float16'}},
  ];
  switch (pick(4)) {
    case 0:
      changed[at] = {...spec, shape: spec.shape.map(extent => (pick(2) === 0 ? size() : extent))};
      break;
    case 1:
      changed[at] = {...spec, shape: Array.from({length: pick(5)}, size)};
      break;
    case 2:
      changed[at] = {name: spec.name, shape: spec.shape, ...kinds[pick(kinds.length)]!};
      break;
    default:
      for (let i = pick(60); i > 0; i--) changed.push({...spec, name: pick(20) === 0 ? spec.name : `${spec.name}${i}`});
  }
  return changed;
}

/** A section of weights in which here and there another decision is coded than the weights would make. */
function weights(version: Version, artifacts: ModelArtifacts, random: Random): Section {
  const all = joinedBytes(artifacts).slice();
  const tensors = placeTensors(artifacts.weightSpecs, stringLengths(artifacts.weightSpecs, all));
  const finders = findersOf(all.length);
  const rate = [0, 0.0005, 0.01, 0.2][Math.floor(random() * 4)]!;
  const writer = rangeEncoder();
  const coder = {
    bit: (bit: number, probability: number): number => writer.bit(random() < rate ? 1 - bit : bit, probability),
    raw(value: number, count: number): number {
      const mask = 2 ** count;
      if (random() >= 4 * rate) return writer.raw(value, count);
      const other = [0, mask - 1, Math.floor(random() * mask), value ^ 1][Math.floor(random() * 4)]!;
      return writer.raw((other >>> 0) % mask, count);
    },
  };
  const meter = meterOf(RECODED);
  const section = sectionCoder(version, coder, false, meter);
  try {
    codeNumber(coder, tensors.length);
    for (const {spec, elements, place} of tensors) {
      const words = wordsAt(elements, all, place);
      const {rows, pieces, plain} = chooseCoding(spec, {elements, place}, all, words, undefined, finders, [1, 2]);
      const choice = version === 1 ? plain! : random() < 0.5 ? rows : pieces;
      const given: TensorCoding = random() < 0.1 ? {method: 'bytes'} : choice;
      const coding = codeTensorHeader(section, elements, spec.shape.at(-1) ?? 1, given);
      if (coding.method === 'copy') continue;
      atOnce(codeTensor(section, coding, {elements, rank: spec.shape.length, place}, all));
    }
  } catch (error) {
    // What an encoder cannot go on with, a decoder must refuse.
    if (!isTfmotError(error)) throw error;
  }
  return {kind: SECTION.weights, payload: writer.finish()};
}

import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {DTYPES} from '../../../artifacts/dtypes.ts';
import {misfit} from '../../../artifacts/specs.ts';
import {concatenated, joinedBytes} from '../../../artifacts/weight-bytes.ts';
import type {Steps} from '../../../pace.ts';
import type {Version} from '../coder/version.ts';
import {SECTION, type Section, writeContainer} from '../format/container.ts';
import {crc32} from '../format/crc32.ts';
import {codedSpec, type FileWeight, isTurned, turnOver} from '../format/file-specs.ts';
import {defaultLimits, type Limits} from '../format/limits.ts';
import {type Meter, meterOf} from '../format/meter.ts';
import {encodeModel, type ModelHead, type ModelSection} from '../format/model-section.ts';
import {encodeSkeleton, skeletonOf} from '../format/skeleton-section.ts';
import type {Place} from '../format/tensor/stretch.ts';
import type {TensorCoding} from '../format/tensor/tensor-header.ts';
import {placeTensors} from '../format/tensors.ts';
import {type CodedTensor, encodeWeights} from '../format/weights-section.ts';
import {beyondDefault, codedWords, fitsFormat1, WORDS_A_BYTE} from './allowances.ts';
import {stringLengths, wordsAt} from './artifact-bytes.ts';
import {type CodingChoice, chooseCoding, findersOf} from './choose-coding.ts';

/** A section is closed when it holds so many words: the next one can be checked, and decoded, by itself. */
const SECTION_WORDS = 1 << 22;
/** Models up to this size are coded in both formats; format 2 takes less for larger ones. */
const SMALL_MODEL_BYTES = 1 << 20;

/** A file and what it takes. */
export interface EncodedFile {
  readonly bytes: Uint8Array;
  /** Limits that decoding needs beyond the default ones; undefined where those do. */
  readonly limits?: Partial<Limits>;
}

/**
 * Writes artifacts as they are, bit for bit, into a `.tfmz` file: a small one of format 1 where that takes as few
 * bytes.
 *
 * @param steps For weights whose values are all multiples of a step, that step, by name.
 * @param meter Counts bytes of weights, as often as they are coded: some are coded in several ways.
 * @throws TfmotError `invalid-weights` when the weight bytes do not fit the specs.
 */
export function encodeFile(
  artifacts: ModelArtifacts,
  steps: ReadonlyMap<string, number>,
  meter: Meter,
): Steps<EncodedFile> {
  const {weightData, ...head} = artifacts;
  const all = joinedBytes({weightData});
  const versions: readonly Version[] = all.length <= SMALL_MODEL_BYTES ? [1, 2] : [2];
  return encodeContent({head: jsonOf(head), all, versions}, steps, meter);
}

/**
 * Writes a model's file of another format into a `.tfmz` file, byte for byte.
 *
 * @param format The ending of such files.
 * @param weights What lies at each of `places`.
 * @param places Ascending, none over another.
 * @param steps For weights whose values are all multiples of a step, that step, by index.
 */
export function* encodeModelFile(
  format: string,
  file: Uint8Array,
  weights: readonly Omit<FileWeight, 'bytes'>[],
  places: readonly Place[],
  steps: ReadonlyMap<number, number>,
  meter: Meter,
): Steps<EncodedFile> {
  const placed = places.map((place, i) => ({...weights[i]!, bytes: place.to - place.from}));
  const all = concatenated(places.map(({from, to}) => file.subarray(from, to)));
  const turned: number[] = [];
  let at = 0;
  for (const [i, weight] of placed.entries()) {
    if (isTurned(weight)) {
      turnOver(all.subarray(at, at + weight.bytes), DTYPES[weight.dtype].wordBytes);
      turned.push(i);
    }
    at += weight.bytes;
  }
  const head = {modelTopology: {}, weightSpecs: placed.map(codedSpec), ...(turned.length > 0 && {turned})};
  const spending = meterOf();
  const payload = yield* encodeSkeleton(skeletonOf(format, file, places), spending);
  const skeleton = {kind: SECTION.skeleton, payload, decisions: spending.spent, words: 0};
  const byName = new Map([...steps].map(([i, step]) => [String(i), step]));
  return yield* encodeContent({head, all, versions: [2], skeleton, bytes: file.length}, byName, meter);
}

/** What a file is to hold. */
interface Content {
  readonly head: ModelHead;
  /** The bytes of all weights. */
  readonly all: Uint8Array;
  readonly versions: readonly Version[];
  readonly skeleton?: Coded;
  /** Bytes that it decodes to, where those are more than the weights. */
  readonly bytes?: number;
}

function* encodeContent(
  {head, all, versions, skeleton, bytes: maxBytes = all.length}: Content,
  steps: ReadonlyMap<string, number>,
  meter: Meter,
): Steps<EncodedFile> {
  const stringBytes = stringLengths(head.weightSpecs, all);
  const tensors = placeTensors(head.weightSpecs, stringBytes);
  const end = tensors.at(-1)?.place.to ?? 0;
  if (end !== all.length) throw misfit(end, all.length);
  const choices = yield* chooseCodings(tensors, all, steps, versions);
  const model: ModelSection = {head, stringBytes};
  const spans = versions.map(version => spansOf(version, tensors, choices));
  meter.total = spans.flat().reduce((sum, {bytes, codings}) => sum + codings.length * bytes, 0);
  let best: EncodedFile | undefined;
  for (const [i, version] of versions.entries()) {
    const sections: Coded[] = [...(skeleton === undefined ? [] : [skeleton]), yield* modelSection(version, model)];
    for (const span of spans[i]!)
      sections.push(yield* smallestSection(version, tensors, choices, span, all, sections, meter));
    if (version === 1 && !fitsFormat1(sections, all.length)) continue;
    const bytes = writeContainer(sections, version);
    if (best !== undefined && best.bytes.length <= bytes.length) continue;
    const decisions = sections.reduce((sum, section) => sum + section.decisions, 0);
    const limits = beyondDefault(bytes.length, {maxDecisions: Math.ceil(decisions), maxBytes});
    best = limits === undefined ? {bytes} : {bytes, limits};
  }
  meter.done = meter.total;
  return best!;
}

/** A section and what an encoder knows of it. */
interface Coded extends Section {
  readonly decisions: number;
  /** Words as the limits of format 1 count them. */
  readonly words: number;
}

function* modelSection(version: Version, model: ModelSection): Steps<Coded> {
  const meter = meterOf();
  const {payload, textBytes} = yield* encodeModel(version, model, meter);
  return {kind: SECTION.model, payload, decisions: meter.spent, words: textBytes * WORDS_A_BYTE};
}

/** Weights that share a section, `[first, last)`, and the codings to try. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly codings: readonly ((choice: CodingChoice) => TensorCoding)[];
}

function spansOf(version: Version, tensors: readonly CodedTensor[], choices: readonly CodingChoice[]): Span[] {
  const spans: Span[] = [];
  for (let first = 0; first < tensors.length; ) {
    let last = first;
    let words = 0;
    while (last < tensors.length && words < SECTION_WORDS) words += tensors[last++]!.elements.count;
    const bytes = tensors[last - 1]!.place.to - tensors[first]!.place.from;
    spans.push({first, last, bytes, codings: codingsToTry(version, choices.slice(first, last))});
    first = last;
  }
  return spans;
}

function codingsToTry(version: Version, choices: readonly CodingChoice[]): Span['codings'] {
  const best = ({plain, pieces}: CodingChoice): TensorCoding => (version === 1 ? plain! : pieces);
  const codings = [best];
  if (version === 2 && choices.some(({rows, pieces}) => rows !== pieces)) codings.push(({rows}) => rows);
  if (choices.some(({repeating}) => repeating !== undefined)) codings.push(choice => choice.repeating ?? best(choice));
  return codings;
}

function* chooseCodings(
  tensors: readonly CodedTensor[],
  all: Uint8Array,
  steps: ReadonlyMap<string, number>,
  versions: readonly Version[],
): Steps<CodingChoice[]> {
  const finders = findersOf(tensors.reduce((sum, {elements}) => sum + elements.count, 0));
  const seen = new Map<string, number>();
  const choices: CodingChoice[] = [];
  for (const [i, {spec, elements, place}] of tensors.entries()) {
    const bytes = all.subarray(place.from, place.to);
    const key = `${bytes.length} ${crc32(bytes)}`;
    const source = seen.get(key);
    if (source !== undefined && bytes.length > 0 && equals(all, tensors[source]!.place, place)) {
      const copy: TensorCoding = {method: 'copy', source};
      choices.push({plain: copy, rows: copy, pieces: copy});
      continue;
    }
    seen.set(key, i);
    const words = wordsAt(elements, all, place);
    yield;
    choices.push(chooseCoding(spec, {elements, place}, all, words, steps.get(spec.name), finders, versions));
    yield;
  }
  return choices;
}

/**
 * Codes a section in every way that is to be tried.
 *
 * @param before The sections before it.
 * @returns The smallest of those that decoders read without being asked to, or else of all.
 */
function* smallestSection(
  version: Version,
  tensors: readonly CodedTensor[],
  choices: readonly CodingChoice[],
  {codings, ...span}: Span,
  all: Uint8Array,
  before: readonly Coded[],
  meter: Meter,
): Steps<Coded> {
  const bytes = before.reduce((sum, {payload}) => sum + payload.length, 0);
  const spent = before.reduce((sum, {decisions}) => sum + decisions, 0);
  const isCheap = ({payload, decisions}: Coded): boolean =>
    spent + decisions <= defaultLimits(bytes + payload.length).maxDecisions;
  let best: Coded | undefined;
  for (const pick of codings) {
    const coded = yield* section(version, tensors, choices.map(pick), span, all, meter);
    const better = best === undefined || coded.payload.length < best.payload.length;
    if (best === undefined || isCheap(coded) !== isCheap(best) ? best === undefined || isCheap(coded) : better)
      best = coded;
  }
  return best!;
}

function* section(
  version: Version,
  tensors: readonly CodedTensor[],
  codings: readonly TensorCoding[],
  {first, last}: Pick<Span, 'first' | 'last'>,
  all: Uint8Array,
  meter: Meter,
): Steps<Coded> {
  const before = meter.spent;
  const payload = yield* encodeWeights(version, tensors, codings, first, last, all, meter);
  const used = codings.slice(first, last);
  return {
    kind: SECTION.weights,
    payload,
    decisions: meter.spent - before,
    words: used.reduce((sum, coding, i) => sum + codedWords(coding, tensors[first + i]!.elements), 0),
  };
}

function equals(all: Uint8Array, a: Place, b: Place): boolean {
  for (let i = a.from, j = b.from; i < a.to; i++, j++) if (all[i] !== all[j]) return false;
  return true;
}

/** The fields of artifacts that are data; functions, which some loaders add, are not. */
function jsonOf(head: Omit<ModelArtifacts, 'weightData'>): ModelHead {
  const fields = Object.entries(head).filter(([, value]) => value !== undefined && typeof value !== 'function');
  return Object.fromEntries(fields) as unknown as ModelHead;
}

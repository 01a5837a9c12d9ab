import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {misfit} from '../../../artifacts/specs.ts';
import {joinedBytes} from '../../../artifacts/weight-bytes.ts';
import type {Steps} from '../../../pace.ts';
import {SECTION, type Section, writeContainer} from '../format/container.ts';
import {crc32} from '../format/crc32.ts';
import type {Limits} from '../format/limits.ts';
import {type Meter, meterOf} from '../format/meter.ts';
import {encodeModel, type ModelHead, type ModelSection} from '../format/model-section.ts';
import type {Place} from '../format/tensor-codec.ts';
import type {TensorCoding} from '../format/tensor-header.ts';
import {placeTensors} from '../format/tensors.ts';
import {encodeWeights, type Tensor} from '../format/weights-section.ts';
import {beyondDefault, codedWords, fitsFormat1, WORDS_A_BYTE} from './allowances.ts';
import {stringLengths, wordsAt} from './artifact-bytes.ts';
import {type CodingChoice, chooseCoding} from './choose-coding.ts';
import {lookForRepeats, repeatedShare, repeatFinder} from './repeats.ts';

/** A section is closed when it holds so many words: the next one can be checked, and decoded, by itself. */
const SECTION_WORDS = 1 << 22;
/** A model of repeats takes a microsecond a byte: it is tried on small weights, and on large ones that repeat a lot. */
const SMALL_BYTES = 1 << 18;
const SOME = 0.02;
const MANY = 0.3;
const NO_WORDS: Uint8Array = new Uint8Array(0);

/** A file and what it takes. */
export interface EncodedFile {
  readonly bytes: Uint8Array;
  /** Limits that decoding needs beyond the default ones; undefined where those do. */
  readonly limits?: Partial<Limits>;
}

/**
 * Writes artifacts as they are, bit for bit, into a `.tfmz` file: of format 1 where that can say it in as few bytes.
 *
 * @param steps For weights whose values are all multiples of a step, that step, by name.
 * @param meter Counts bytes of weights; those of a section that is coded in several ways count as often.
 * @throws TfmotError `invalid-weights` when the weight bytes do not fit the specs.
 */
export function* encodeFile(
  artifacts: ModelArtifacts,
  steps: ReadonlyMap<string, number>,
  meter: Meter,
): Steps<EncodedFile> {
  const {weightData, ...head} = artifacts;
  const all = joinedBytes({weightData});
  const stringBytes = stringLengths(head.weightSpecs, all);
  const tensors = placeTensors(head.weightSpecs, stringBytes);
  const end = tensors.at(-1)?.place.to ?? 0;
  if (end !== all.length) throw misfit(end, all.length);
  const choices = yield* chooseCodings(tensors, all, steps);
  const spans = spansOf(tensors, choices);
  meter.total = spans.reduce((sum, {bytes, codings}) => sum + codings.length * bytes, 0);
  const sections: Coded[] = [yield* modelSection({head: jsonOf(head), stringBytes})];
  for (const span of spans) sections.push(yield* smallestSection(tensors, choices, span, all, meter));
  meter.done = meter.total;
  const plain = sections.every(({format1}) => format1) && fitsFormat1(sections, all.length);
  const bytes = writeContainer(sections, plain ? 1 : 2);
  const decisions = sections.reduce((sum, section) => sum + section.decisions, 0);
  const limits = beyondDefault(bytes.length, {maxDecisions: Math.ceil(decisions), maxBytes: all.length});
  return limits === undefined ? {bytes} : {bytes, limits};
}

/** A section and what an encoder knows of it. */
interface Coded extends Section {
  readonly decisions: number;
  /** Whether format 1 has all its methods. */
  readonly format1: boolean;
  /** Words as the limits of format 1 count them. */
  readonly words: number;
}

function* modelSection(model: ModelSection): Steps<Coded> {
  const meter = meterOf();
  const {payload, textBytes} = yield* encodeModel(model, meter);
  return {
    kind: SECTION.model,
    payload,
    decisions: meter.spent,
    format1: true,
    words: textBytes * WORDS_A_BYTE,
  };
}

/** Weights that share a section, `[first, last)`, and the codings to try, those of format 1 first. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly codings: readonly ((choice: Choice) => TensorCoding)[];
}

function spansOf(tensors: readonly Tensor[], choices: readonly Choice[]): Span[] {
  const spans: Span[] = [];
  for (let first = 0; first < tensors.length; ) {
    let last = first;
    let words = 0;
    while (last < tensors.length && words < SECTION_WORDS) words += tensors[last++]!.elements.count;
    const bytes = tensors[last - 1]!.place.to - tensors[first]!.place.from;
    spans.push({first, last, bytes, codings: codingsToTry(choices.slice(first, last), bytes)});
    first = last;
  }
  return spans;
}

/** Small sections are coded in every way that may be best, large ones in those that most likely are. */
function codingsToTry(choices: readonly Choice[], bytes: number): Span['codings'] {
  const signed = choices.some(choice => choice.signed !== choice.plain);
  const codings: ((choice: Choice) => TensorCoding)[] = [];
  if (!signed || bytes <= SMALL_BYTES) codings.push(({plain}) => plain);
  if (signed) codings.push(choice => choice.signed);
  if (choices.some(({tryRepeating}) => tryRepeating))
    codings.push(choice => (choice.tryRepeating ? choice.repeating : choice.signed));
  return codings;
}

/** The ways to code a weight, and whether it repeats so much that the slowest is worth a try. */
interface Choice extends CodingChoice {
  readonly tryRepeating: boolean;
}

function* chooseCodings(
  tensors: readonly Tensor[],
  all: Uint8Array,
  steps: ReadonlyMap<string, number>,
): Steps<Choice[]> {
  const finder = repeatFinder(tensors.reduce((sum, {elements}) => sum + elements.count, 0));
  const seen = new Map<string, number>();
  const choices: CodingChoice[] = [];
  for (const [i, {spec, elements, place}] of tensors.entries()) {
    const bytes = all.subarray(place.from, place.to);
    const key = `${bytes.length} ${crc32(bytes)}`;
    const source = seen.get(key);
    if (source !== undefined && bytes.length > 0 && equals(all, tensors[source]!.place, place)) {
      lookForRepeats(finder, NO_WORDS);
      const copy: TensorCoding = {method: 'copy', source};
      choices.push({plain: copy, signed: copy, repeating: copy});
      continue;
    }
    seen.set(key, i);
    const words = wordsAt(elements, all, place);
    yield;
    lookForRepeats(finder, words);
    yield;
    choices.push(chooseCoding(spec, elements, words, steps.get(spec.name)));
    yield;
  }
  return choices.map((choice, i) => {
    const {elements} = tensors[i]!;
    const enough = elements.count * elements.size <= SMALL_BYTES ? SOME : MANY;
    return {...choice, tryRepeating: choice.plain !== choice.repeating && repeatedShare(finder, i) >= enough};
  });
}

function* smallestSection(
  tensors: readonly Tensor[],
  choices: readonly Choice[],
  {codings, ...span}: Span,
  all: Uint8Array,
  meter: Meter,
): Steps<Coded> {
  let best: Coded | undefined;
  for (const pick of codings) {
    const coded = yield* section(tensors, choices.map(pick), span, all, meter);
    if (best === undefined || coded.payload.length < best.payload.length) best = coded;
  }
  return best!;
}

function* section(
  tensors: readonly Tensor[],
  codings: readonly TensorCoding[],
  {first, last}: Pick<Span, 'first' | 'last'>,
  all: Uint8Array,
  meter: Meter,
): Steps<Coded> {
  const before = meter.spent;
  const payload = yield* encodeWeights(tensors, codings, first, last, all, meter);
  const used = codings.slice(first, last);
  return {
    kind: SECTION.weights,
    payload,
    decisions: meter.spent - before,
    format1: used.every(({method}) => method !== 'signed'),
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

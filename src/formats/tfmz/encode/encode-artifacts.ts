import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {misfit} from '../../../artifacts/specs.ts';
import {joinedBytes} from '../../../artifacts/weight-bytes.ts';
import {SECTION, type Section, writeContainer} from '../format/container.ts';
import {crc32} from '../format/crc32.ts';
import {paddedForOutput} from '../format/limits.ts';
import {encodeModel, type ModelHead} from '../format/model-section.ts';
import type {Place} from '../format/tensor-codec.ts';
import {placeTensors} from '../format/tensors.ts';
import {encodeWeights, type Tensor} from '../format/weights-section.ts';
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

/**
 * Writes artifacts as they are, bit for bit, into a `.tfmz` file.
 *
 * @param steps For weights whose values are all multiples of a step, that step, by name.
 * @throws TfmotError `invalid-weights` when the weight bytes do not fit the specs.
 */
export function encodeArtifacts(artifacts: ModelArtifacts, steps: ReadonlyMap<string, number> = new Map()): Uint8Array {
  const {weightData, ...head} = artifacts;
  const all = joinedBytes({weightData});
  const stringBytes = stringLengths(head.weightSpecs, all);
  const tensors = placeTensors(head.weightSpecs, stringBytes);
  const end = tensors.at(-1)?.place.to ?? 0;
  if (end !== all.length) throw misfit(end, all.length);
  const choices = chooseCodings(tensors, all, steps);
  const sections: Section[] = [{kind: SECTION.model, payload: encodeModel({head: jsonOf(head), stringBytes})}];
  for (let first = 0; first < tensors.length; ) {
    let last = first;
    let words = 0;
    while (last < tensors.length && words < SECTION_WORDS) words += tensors[last++]!.elements.count;
    sections.push({kind: SECTION.weights, payload: smallestSection(tensors, choices, first, last, all)});
    first = last;
  }
  const bytes = sections.reduce((sum, {payload}) => sum + payload.length, 0);
  const {kind, payload} = sections.pop()!;
  return writeContainer([...sections, {kind, payload: paddedForOutput(payload, bytes - payload.length, all.length)}]);
}

/** The ways to code a weight, and whether it repeats so much that the slower one is worth a try. */
interface Choice extends CodingChoice {
  readonly tryRepeating: boolean;
}

function chooseCodings(tensors: readonly Tensor[], all: Uint8Array, steps: ReadonlyMap<string, number>): Choice[] {
  const finder = repeatFinder(tensors.reduce((sum, {elements}) => sum + elements.count, 0));
  const seen = new Map<string, number>();
  const choices = tensors.map(({spec, elements, place}, i): CodingChoice => {
    const bytes = all.subarray(place.from, place.to);
    const key = `${bytes.length} ${crc32(bytes)}`;
    const source = seen.get(key);
    if (source !== undefined && bytes.length > 0 && equals(all, tensors[source]!.place, place)) {
      lookForRepeats(finder, NO_WORDS);
      return {plain: {method: 'copy', source}, repeating: {method: 'copy', source}};
    }
    seen.set(key, i);
    const words = wordsAt(elements, all, place);
    lookForRepeats(finder, words);
    return chooseCoding(spec, elements, words, steps.get(spec.name));
  });
  return choices.map((choice, i) => {
    const {elements} = tensors[i]!;
    const enough = elements.count * elements.size <= SMALL_BYTES ? SOME : MANY;
    return {...choice, tryRepeating: choice.plain !== choice.repeating && repeatedShare(finder, i) >= enough};
  });
}

function smallestSection(
  tensors: readonly Tensor[],
  choices: readonly Choice[],
  first: number,
  last: number,
  all: Uint8Array,
): Uint8Array {
  const plain = encodeWeights(
    tensors,
    choices.map(choice => choice.plain),
    first,
    last,
    all,
  );
  if (!choices.slice(first, last).some(({tryRepeating}) => tryRepeating)) return plain;
  const codings = choices.map(choice => (choice.tryRepeating ? choice.repeating : choice.plain));
  const repeating = encodeWeights(tensors, codings, first, last, all);
  return repeating.length < plain.length ? repeating : plain;
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

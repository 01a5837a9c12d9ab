import type {ModelArtifacts} from '../graph/artifacts.ts';
import {misfit, oneBuffer, stringLengths, wordsAt} from './artifact-bytes.ts';
import {chooseCoding} from './choose-coding.ts';
import {SECTION, type Section, writeContainer} from './container.ts';
import {crc32} from './crc32.ts';
import {paddedForOutput} from './limits.ts';
import {encodeModel, type ModelHead} from './model-section.ts';
import {repeats} from './repeats.ts';
import type {Place} from './tensor-codec.ts';
import type {TensorCoding} from './tensor-header.ts';
import {placeTensors} from './tensors.ts';
import {encodeWeights, type Tensor} from './weights-section.ts';

/** A section is closed when it holds so many words: the next one can be checked, and decoded, by itself. */
const SECTION_WORDS = 1 << 22;

/**
 * Writes artifacts as they are, bit for bit, into a `.tfmz` file.
 *
 * @param steps For weights whose values are all multiples of a step, that step, by name.
 * @throws TfmotError `invalid-weights` when the weight bytes do not fit the specs.
 */
export function encodeArtifacts(artifacts: ModelArtifacts, steps: ReadonlyMap<string, number> = new Map()): Uint8Array {
  const {weightData, ...head} = artifacts;
  const all = oneBuffer(weightData);
  const stringBytes = stringLengths(head.weightSpecs, all);
  const tensors = placeTensors(head.weightSpecs, stringBytes);
  const end = tensors.at(-1)?.place.to ?? 0;
  if (end !== all.length) throw misfit(end, all.length);
  const codings = chooseCodings(tensors, all, steps);
  const sections: Section[] = [{kind: SECTION.model, payload: encodeModel({head: jsonOf(head), stringBytes})}];
  for (let first = 0; first < tensors.length; ) {
    let last = first;
    let words = 0;
    while (last < tensors.length && words < SECTION_WORDS) words += tensors[last++]!.elements.count;
    sections.push({kind: SECTION.weights, payload: encodeWeights(tensors, codings, first, last, all)});
    first = last;
  }
  const bytes = sections.reduce((sum, {payload}) => sum + payload.length, 0);
  const {kind, payload} = sections.pop()!;
  return writeContainer([...sections, {kind, payload: paddedForOutput(payload, bytes - payload.length, all.length)}]);
}

function chooseCodings(
  tensors: readonly Tensor[],
  all: Uint8Array,
  steps: ReadonlyMap<string, number>,
): TensorCoding[] {
  const seen = new Map<string, number>();
  return tensors.map(({spec, elements, place}, i) => {
    const bytes = all.subarray(place.from, place.to);
    const key = `${bytes.length} ${crc32(bytes)}`;
    const source = seen.get(key);
    if (source !== undefined && bytes.length > 0 && equals(all, tensors[source]!.place, place))
      return {method: 'copy', source};
    seen.set(key, i);
    const coding = chooseCoding(spec, elements, wordsAt(elements, all, place), steps.get(spec.name));
    return repeats(coding, tensors[i]!, all) ? {method: 'bytes'} : coding;
  });
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

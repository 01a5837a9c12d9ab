import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import {checkSums, readContainer, SECTION, type Section, SKIPPABLE, versionOf} from './container.ts';
import {checkBytes, outOfMemory} from './limits.ts';
import type {Meter} from './meter.ts';
import {decodeModel, type ModelSection} from './model-section.ts';
import {placeTensors} from './tensors.ts';
import {type CodedTensor, decodeWeights} from './weights-section.ts';

/**
 * Decodes a `.tfmz` file within the decisions of `meter`.
 *
 * @param maxBytes The most bytes of weights.
 * @throws TfmotError `corrupt-file` or `memory-limit`.
 */
export function* decodeFile(file: Uint8Array, maxBytes: number, meter: Meter): Steps<ModelArtifacts> {
  const all = readContainer(file);
  yield* checkSums(file, all);
  const version = versionOf(file);
  const [model, ...sections] = known(all, version);
  const {head, stringBytes} = yield* decodeModel(version, model!.payload, meter);
  const tensors = tensorsOf({head, stringBytes});
  meter.total = tensors.at(-1)?.place.to ?? 0;
  checkBytes(meter.total, maxBytes);
  const bytes = allocate(meter.total);
  let next = 0;
  for (const {payload} of sections) next = yield* decodeWeights(version, payload, tensors, next, bytes, meter);
  if (next !== tensors.length) {
    throw new TfmotError(
      'corrupt-file',
      `A .tfmz file must hold all ${tensors.length} weights, but holds ${next}. Fetch it again.`,
    );
  }
  meter.done = meter.total;
  return {...head, weightData: bytes.buffer};
}

/** The model section and the weight sections of a file. */
function known(all: readonly Section[], version: number): readonly Section[] {
  const sections = version === 1 ? all : all.filter(({kind}) => kind < SKIPPABLE);
  const strange = sections.find(({kind}) => !Object.values<number>(SECTION).includes(kind));
  if (strange !== undefined && version > 1) {
    throw new TfmotError(
      'corrupt-file',
      `A .tfmz file must hold sections that are known, but one is of kind ${strange.kind}. Update tfjs-model-optimization.`,
    );
  }
  const [first, ...others] = sections;
  if (version > 1 && first?.kind === SECTION.skeleton) {
    throw new TfmotError(
      'unsupported-model',
      'A .tfmz file must hold a TensorFlow.js model to be read so, but holds a file of another format.',
    );
  }
  if (first?.kind !== SECTION.model || others.some(({kind}) => kind !== SECTION.weights)) {
    throw new TfmotError(
      'corrupt-file',
      'A .tfmz file must hold one model section, then weight sections, but holds others. Fetch it again.',
    );
  }
  return sections;
}

function tensorsOf({head, stringBytes}: ModelSection): CodedTensor[] {
  try {
    return placeTensors(head.weightSpecs, stringBytes);
  } catch (cause) {
    throw new TfmotError('corrupt-file', 'A .tfmz file must hold sound weight specs, but does not. Fetch it again.', {
      cause,
    });
  }
}

/** Memory of so many bytes. Even what the limits allow can be more than there is. */
function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw outOfMemory(bytes, cause);
  }
}

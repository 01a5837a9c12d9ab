import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import {checkSums, readContainer, SECTION, type Section, SKIPPABLE, versionOf} from './container.ts';
import {checkBytes, outOfMemory} from './limits.ts';
import type {Meter} from './meter.ts';
import {decodeModel, type ModelSection} from './model-section.ts';
import type {decodeSkeleton, Skeleton} from './skeleton-section.ts';
import {placeTensors} from './tensors.ts';
import {type CodedTensor, decodeWeights} from './weights-section.ts';

/** What a `.tfmz` file held: a TensorFlow.js model, or a model's file of another format. */
export type DecodedFile = ModelArtifacts | ModelBytes;

/** A model's file of another format. */
export interface ModelBytes {
  /** The ending of such files. */
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** What reads files of other formats, fetched where there is one. */
export interface InnerFiles {
  readonly decodeSkeleton: typeof decodeSkeleton;
  /**
   * The file of a skeleton and of its weights.
   *
   * @param turned Which weights have the highest bits of their words turned over.
   */
  modelBytes(skeleton: Skeleton, turned: unknown, tensors: readonly CodedTensor[], all: Uint8Array): ModelBytes;
}

/** Whether the sections of a `.tfmz` file say that it holds a model's file of another format. */
export function holdsFile([first]: readonly Section[]): boolean {
  return first?.kind === SECTION.skeleton;
}

/**
 * Decodes a `.tfmz` file within the decisions of `meter`.
 *
 * @param maxBytes The most bytes of weights, or of the file inside.
 * @param inner Reads files of other formats; without it they are refused.
 * @param all The sections of the file, where they are read already.
 * @throws TfmotError `corrupt-file` or `memory-limit`; `unsupported-model` for what `inner` would read.
 */
export function* decodeFile(
  file: Uint8Array,
  maxBytes: number,
  meter: Meter,
  inner?: InnerFiles,
  all: readonly Section[] = readContainer(file),
): Steps<DecodedFile> {
  yield* checkSums(file, all);
  const version = versionOf(file);
  const {skeletonSection, model, sections} = known(all, version);
  if (skeletonSection !== undefined && inner === undefined)
    throw new TfmotError('unsupported-model', 'The file holds a model of another format. Open it with open(...).');
  const skeleton =
    skeletonSection === undefined ? undefined : yield* inner!.decodeSkeleton(skeletonSection.payload, maxBytes, meter);
  const {head, stringBytes} = yield* decodeModel(version, model.payload, meter);
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
  return skeleton === undefined
    ? {...head, weightData: bytes.buffer}
    : inner!.modelBytes(skeleton, head['turned'], tensors, bytes);
}

/** The sections of a file that say what it holds. */
interface Known {
  /** Of a file of another format. */
  readonly skeletonSection: Section | undefined;
  readonly model: Section;
  /** Of weights. */
  readonly sections: readonly Section[];
}

function known(all: readonly Section[], version: number): Known {
  const sections = version === 1 ? all : all.filter(({kind}) => kind < SKIPPABLE);
  const strange = sections.find(({kind}) => !Object.values<number>(SECTION).includes(kind));
  if (strange !== undefined && version > 1) {
    throw new TfmotError(
      'corrupt-file',
      `A .tfmz file must hold sections that are known, but one is of kind ${strange.kind}. Update tfjs-model-optimization.`,
    );
  }
  const skeletonSection = version > 1 && sections[0]?.kind === SECTION.skeleton ? sections[0] : undefined;
  const [first, ...others] = skeletonSection === undefined ? sections : sections.slice(1);
  if (first?.kind !== SECTION.model || others.some(({kind}) => kind !== SECTION.weights)) {
    throw new TfmotError(
      'corrupt-file',
      'A .tfmz file must hold one model section, then weight sections, but holds others. Fetch it again.',
    );
  }
  return {skeletonSection, model: first, sections: others};
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

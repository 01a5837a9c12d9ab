import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {TfmotError} from '../../errors.ts';
import {readContainer, SECTION} from './format/container.ts';
import {checkLimit, outputLimit} from './format/limits.ts';
import {decodeModel, type ModelSection} from './format/model-section.ts';
import {placeTensors} from './format/tensors.ts';
import {decodeWeights, type Tensor} from './format/weights-section.ts';

/**
 * Reads a `.tfmz` file. Needs the memory of its result and a constant beside it, and no other library.
 *
 * @param file All bytes of the file.
 * @returns Artifacts as `tf.loadLayersModel` takes them, with the weight bytes in one buffer.
 * @throws TfmotError `corrupt-file` when the file is not a sound .tfmz file; nothing is returned then.
 *
 * @example
 * const artifacts = decompress(new Uint8Array(await (await fetch('/model.tfmz')).arrayBuffer()));
 */
export function decompress(file: Uint8Array): ModelArtifacts {
  if (!(file instanceof Uint8Array)) {
    throw new TfmotError(
      'invalid-argument',
      `decompress needs the bytes of a .tfmz file as a Uint8Array, but got ${typeof file}.`,
    );
  }
  const [first, ...sections] = readContainer(file);
  if (first?.kind !== SECTION.model || sections.some(({kind}) => kind !== SECTION.weights)) {
    throw new TfmotError(
      'corrupt-file',
      'A .tfmz file must hold one model section, then weight sections, but holds others. Fetch it again.',
    );
  }
  const {head, stringBytes} = decodeModel(first.payload);
  const tensors = tensorsOf({head, stringBytes});
  const total = tensors.at(-1)?.place.to ?? 0;
  checkLimit(total, outputLimit(file.length), 'bytes of weights');
  const all = new Uint8Array(total);
  let next = 0;
  for (const {payload} of sections) next = decodeWeights(payload, tensors, next, all);
  if (next !== tensors.length) {
    throw new TfmotError(
      'corrupt-file',
      `A .tfmz file must hold all ${tensors.length} weights, but holds ${next}. Fetch it again.`,
    );
  }
  return {...head, weightData: all.buffer};
}

function tensorsOf({head, stringBytes}: ModelSection): Tensor[] {
  try {
    return placeTensors(head.weightSpecs, stringBytes);
  } catch (cause) {
    throw new TfmotError(
      'corrupt-file',
      'A .tfmz file must hold weights of TensorFlow.js types, but holds another. Fetch it again.',
      {
        cause,
      },
    );
  }
}
